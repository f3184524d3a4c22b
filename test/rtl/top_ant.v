// One 4-bit PE of ANT: `next` is what multiply_ant makes of `sum_in`, at three widths of the sum; `sum` is the
// register of pe_ant, at two.
module top_ant (
    input  wire               clock,
    input  wire               clear,
    input  wire               enable,
    input  wire signed [4:0]  act,
    input  wire        [4:0]  act_shift,
    input  wire signed [4:0]  weight,
    input  wire        [4:0]  weight_shift,
    input  wire signed [31:0] sum_in,
    output wire signed [10:0] next_11,
    output wire signed [19:0] next_20,
    output wire signed [31:0] next_32,
    output wire signed [19:0] sum_20,
    output wire signed [31:0] sum_32
);
    wire [5:0] shift = {1'b0, act_shift} + {1'b0, weight_shift};

    multiply_ant #(.SUM_BITS(11)) multiply_11 (
        .act(act), .weight(weight), .shift(shift),
        .sum_in(sum_in[10:0]), .sum_out(next_11));
    multiply_ant #(.SUM_BITS(20)) multiply_20 (
        .act(act), .weight(weight), .shift(shift),
        .sum_in(sum_in[19:0]), .sum_out(next_20));
    multiply_ant #(.SUM_BITS(32)) multiply_32 (
        .act(act), .weight(weight), .shift(shift),
        .sum_in(sum_in), .sum_out(next_32));
    pe_ant #(.SUM_BITS(20)) pe_20 (
        .clock(clock), .clear(clear), .enable(enable),
        .act(act), .act_shift(act_shift), .weight(weight), .weight_shift(weight_shift), .sum(sum_20));
    pe_ant #(.SUM_BITS(32)) pe_32 (
        .clock(clock), .clear(clear), .enable(enable),
        .act(act), .act_shift(act_shift), .weight(weight), .weight_shift(weight_shift), .sum(sum_32));
endmodule
