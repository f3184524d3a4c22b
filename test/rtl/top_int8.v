// PE int8: `next` is what multiply_int8 makes of `sum_in`, at three widths of the sum; `sum` is the
// register of pe_int8, at two.
module top_int8 (
    input  wire               clock,
    input  wire               clear,
    input  wire               enable,
    input  wire signed [8:0]  act,
    input  wire signed [8:0]  weight,
    input  wire signed [31:0] sum_in,
    output wire signed [10:0] next_11,
    output wire signed [19:0] next_20,
    output wire signed [31:0] next_32,
    output wire signed [19:0] sum_20,
    output wire signed [31:0] sum_32
);
    multiply_int8 #(.SUM_BITS(11)) multiply_11 (
        .act(act), .weight(weight),
        .sum_in(sum_in[10:0]), .sum_out(next_11));
    multiply_int8 #(.SUM_BITS(20)) multiply_20 (
        .act(act), .weight(weight),
        .sum_in(sum_in[19:0]), .sum_out(next_20));
    multiply_int8 #(.SUM_BITS(32)) multiply_32 (
        .act(act), .weight(weight),
        .sum_in(sum_in), .sum_out(next_32));
    pe_int8 #(.SUM_BITS(20)) pe_20 (
        .clock(clock), .clear(clear), .enable(enable),
        .act(act), .weight(weight), .sum(sum_20));
    pe_int8 #(.SUM_BITS(32)) pe_32 (
        .clock(clock), .clear(clear), .enable(enable),
        .act(act), .weight(weight), .sum(sum_32));
endmodule
