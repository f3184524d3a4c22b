// One clock of the 4-bit PE of ANT (Guo et al., MICRO 2022), section 5: (a << s) * (b << t) = (a * b) << (s + t), an
// integer multiplier with a shifter behind it, modulo 2^SUM_BITS (pe/pe.c, ant_multiply_accumulate). The pieces have 5
// bits with the sign: 4-bit operands are signed or not, and the low half of a split one is not.
module multiply_ant #(
    parameter SUM_BITS = 32,
    parameter SHIFT_BITS = 6
) (
    input  wire signed [4:0]            act,
    input  wire signed [4:0]            weight,
    input  wire        [SHIFT_BITS-1:0] shift, // of both operands
    input  wire signed [SUM_BITS-1:0]   sum_in,
    output wire signed [SUM_BITS-1:0]   sum_out
);
    assign sum_out = sum_in + ((act * weight) <<< shift);
endmodule
