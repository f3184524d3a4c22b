// One 4-bit PE of ANT: `next` is what multiply_ant makes of `sum_in`, at three widths of the sum; `sum` is the
// register of pe_ant, at two.
module top_ant (
    input  wire               clock,
    input  wire               clear,
    input  wire               enable,
    input  wire signed [4:0]  act,
    input  wire        [3:0]  act_shift,
    input  wire signed [4:0]  weight,
    input  wire        [3:0]  weight_shift,
    input  wire signed [31:0] sum_in,
    output wire signed [18:0] next_19,
    output wire signed [23:0] next_24,
    output wire signed [31:0] next_32,
    output wire signed [23:0] sum_24,
    output wire signed [31:0] sum_32
);
    wire [5:0] shift = {2'b0, act_shift} + {2'b0, weight_shift};

    multiply_ant #(.SUM_BITS(19)) multiply_19 (
        .act(act), .weight(weight), .shift(shift),
        .sum_in(sum_in[18:0]), .sum_out(next_19));
    multiply_ant #(.SUM_BITS(24)) multiply_24 (
        .act(act), .weight(weight), .shift(shift),
        .sum_in(sum_in[23:0]), .sum_out(next_24));
    multiply_ant #(.SUM_BITS(32)) multiply_32 (
        .act(act), .weight(weight), .shift(shift),
        .sum_in(sum_in), .sum_out(next_32));
    pe_ant #(.SUM_BITS(24)) pe_24 (
        .clock(clock), .clear(clear), .enable(enable),
        .act(act), .act_shift(act_shift), .weight(weight), .weight_shift(weight_shift), .sum(sum_24));
    pe_ant #(.SUM_BITS(32)) pe_32 (
        .clock(clock), .clear(clear), .enable(enable),
        .act(act), .act_shift(act_shift), .weight(weight), .weight_shift(weight_shift), .sum(sum_32));
endmodule
