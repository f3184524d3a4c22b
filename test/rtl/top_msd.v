// PE msd with its digit extraction: `next` is what multiply_msd makes of `sum_in`, at three widths of the sum;
// `sum` is the register of pe_msd, at two.
module top_msd (
    input  wire               clock,
    input  wire               clear,
    input  wire               enable,
    input  wire signed [8:0]  act,
    input  wire        [15:0] weight,
    input  wire               is_booth,
    input  wire               is_signed,
    input  wire               is_zero,
    input  wire        [2:0]  index,
    input  wire signed [31:0] sum_in,
    output wire signed [10:0] next_11,
    output wire signed [19:0] next_20,
    output wire signed [31:0] next_32,
    output wire signed [19:0] sum_20,
    output wire signed [31:0] sum_32
);
    wire [5:0] booth_digit, rsd_digit;
    wire [5:0] digit = is_booth ? booth_digit : rsd_digit;
    digit_booth digit_booth (.code(weight[7:0]), .is_signed(is_signed), .index(index), .digit(booth_digit));
    digit_rsd digit_rsd (.code(weight), .index(index[1:0]), .is_zero(is_zero), .digit(rsd_digit));

    multiply_msd #(.SUM_BITS(11)) multiply_11 (
        .act(act), .digit(digit),
        .sum_in(sum_in[10:0]), .sum_out(next_11));
    multiply_msd #(.SUM_BITS(20)) multiply_20 (
        .act(act), .digit(digit),
        .sum_in(sum_in[19:0]), .sum_out(next_20));
    multiply_msd #(.SUM_BITS(32)) multiply_32 (
        .act(act), .digit(digit),
        .sum_in(sum_in), .sum_out(next_32));
    pe_msd #(.SUM_BITS(20)) pe_20 (
        .clock(clock), .clear(clear), .enable(enable),
        .act(act), .digit(digit), .sum(sum_20));
    pe_msd #(.SUM_BITS(32)) pe_32 (
        .clock(clock), .clear(clear), .enable(enable),
        .act(act), .digit(digit), .sum(sum_32));
endmodule
