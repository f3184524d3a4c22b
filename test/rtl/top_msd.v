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
    output wire signed [18:0] next_19,
    output wire signed [23:0] next_24,
    output wire signed [31:0] next_32,
    output wire signed [23:0] sum_24,
    output wire signed [31:0] sum_32
);
    wire [5:0] booth_digit, rsd_digit;
    wire [5:0] digit = is_booth ? booth_digit : rsd_digit;
    digit_booth digit_booth (.code(weight[7:0]), .is_signed(is_signed), .index(index), .digit(booth_digit));
    digit_rsd digit_rsd (.code(weight), .index(index[1:0]), .is_zero(is_zero), .digit(rsd_digit));

    multiply_msd #(.SUM_BITS(19)) multiply_19 (
        .act(act), .digit(digit),
        .sum_in(sum_in[18:0]), .sum_out(next_19));
    multiply_msd #(.SUM_BITS(24)) multiply_24 (
        .act(act), .digit(digit),
        .sum_in(sum_in[23:0]), .sum_out(next_24));
    multiply_msd #(.SUM_BITS(32)) multiply_32 (
        .act(act), .digit(digit),
        .sum_in(sum_in), .sum_out(next_32));
    pe_msd #(.SUM_BITS(24)) pe_24 (
        .clock(clock), .clear(clear), .enable(enable),
        .act(act), .digit(digit), .sum(sum_24));
    pe_msd #(.SUM_BITS(32)) pe_32 (
        .clock(clock), .clear(clear), .enable(enable),
        .act(act), .digit(digit), .sum(sum_32));
endmodule
