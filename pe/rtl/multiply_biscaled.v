// One clock of PE biscaled: integers of up to 6 bits, and the product shifted by the scales of both operands, modulo
// 2^SUM_BITS (BiScaled-DNN, Jain et al., DAC 2019; pe/pe.c, shifted_multiply_accumulate).
module multiply_biscaled #(
    parameter SUM_BITS = 32 // 19 or more
) (
    input  wire signed [6:0]          act, // signed or not
    input  wire signed [6:0]          weight,
    input  wire        [3:0]          shift, // of both, up to 8
    input  wire signed [SUM_BITS-1:0] sum_in,
    output wire signed [SUM_BITS-1:0] sum_out
);
    localparam ADDEND_BITS = SUM_BITS < 22 ? SUM_BITS : 22; // 14 << 8

    wire signed [13:0]     product = act * weight;
    wire [ADDEND_BITS-1:0] addend = {{(ADDEND_BITS - 14){product[13]}}, product} << shift;

    assign sum_out = sum_in + {{(SUM_BITS - ADDEND_BITS + 1){addend[ADDEND_BITS-1]}}, addend[ADDEND_BITS-2:0]};
endmodule
