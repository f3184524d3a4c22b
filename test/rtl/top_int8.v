// PE int8: `next` is what multiply_int8 makes of `sum_in`, at three widths of the sum; `sum` is the
// register of pe_int8, at two.
module top_int8 (
    input  wire               clock,
    input  wire               clear,
    input  wire               enable,
    input  wire signed [8:0]  act,
    input  wire signed [8:0]  weight,
    input  wire signed [31:0] sum_in,
    output wire signed [18:0] next_19,
    output wire signed [23:0] next_24,
    output wire signed [31:0] next_32,
    output wire signed [23:0] sum_24,
    output wire signed [31:0] sum_32
);
    multiply_int8 #(.SUM_BITS(19)) multiply_19 (
        .act(act), .weight(weight),
        .sum_in(sum_in[18:0]), .sum_out(next_19));
    multiply_int8 #(.SUM_BITS(24)) multiply_24 (
        .act(act), .weight(weight),
        .sum_in(sum_in[23:0]), .sum_out(next_24));
    multiply_int8 #(.SUM_BITS(32)) multiply_32 (
        .act(act), .weight(weight),
        .sum_in(sum_in), .sum_out(next_32));
    pe_int8 #(.SUM_BITS(24)) pe_24 (
        .clock(clock), .clear(clear), .enable(enable),
        .act(act), .weight(weight), .sum(sum_24));
    pe_int8 #(.SUM_BITS(32)) pe_32 (
        .clock(clock), .clear(clear), .enable(enable),
        .act(act), .weight(weight), .sum(sum_32));
endmodule
