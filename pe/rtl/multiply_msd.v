// One clock of PE msd: the activation, negated, shifted or gated as one signed digit of the weight says, is added to
// the sum, modulo 2^SUM_BITS (MSD, Wu et al., FCCM 2023; pe/pe.c, msd_multiply_accumulate).
module multiply_msd #(
    parameter SUM_BITS = 32 // 19 or more
) (
    input  wire signed [8:0]          act,
    input  wire        [5:0]          digit, // {is_zero, is_negative, shift}
    input  wire signed [SUM_BITS-1:0] sum_in,
    output wire signed [SUM_BITS-1:0] sum_out
);
    wire [9:0]          gated = digit[5] ? 10'd0 : {act[8], act};
    wire [9:0]          product = digit[4] ? -gated : gated;
    wire [SUM_BITS-1:0] extended = {{(SUM_BITS - 10){product[9]}}, product};

    assign sum_out = sum_in + (extended << digit[3:0]);
endmodule
