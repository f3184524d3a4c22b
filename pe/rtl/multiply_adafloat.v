// One clock of PE adafloat: the significands are multiplied, the exponents added, and the product, shifted by them, goes to
// an integer sum, modulo 2^SUM_BITS, as in the hybrid float-integer PE of Tambe et al., DAC 2020, section 5 (pe/pe.c,
// shifted_multiply_accumulate). An operand is {is_negative, significand[4:0], exponent[2:0]}, where zero has none.
module multiply_adafloat #(
    parameter SUM_BITS = 32 // 19 or more
) (
    input  wire [8:0]          act,
    input  wire [8:0]          weight,
    input  wire [SUM_BITS-1:0] sum_in,
    output wire [SUM_BITS-1:0] sum_out
);
    localparam ADDEND_BITS = SUM_BITS < 25 ? SUM_BITS : 25; // 31 x 31 << 14, and a sign

    wire [9:0]             magnitude = act[7:3] * weight[7:3];
    wire [10:0]            product = act[8] ^ weight[8] ? -{1'b0, magnitude} : {1'b0, magnitude};
    wire [3:0]             exponent = {1'b0, act[2:0]} + {1'b0, weight[2:0]};
    wire [ADDEND_BITS-1:0] addend = {{(ADDEND_BITS - 11){product[10]}}, product} << exponent;

    assign sum_out = sum_in + {{(SUM_BITS - ADDEND_BITS + 1){addend[ADDEND_BITS-1]}}, addend[ADDEND_BITS-2:0]};
endmodule
