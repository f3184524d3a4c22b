// One clock of PE int8: sum + act * weight, modulo 2^SUM_BITS (pe/pe.c, int8_multiply_accumulate).
module multiply_int8 #(
    parameter SUM_BITS = 32 // 19 or more
) (
    input  wire signed [8:0]          act, // int or uint of up to 8 bits
    input  wire signed [8:0]          weight,
    input  wire signed [SUM_BITS-1:0] sum_in,
    output wire signed [SUM_BITS-1:0] sum_out
);
    wire signed [17:0] product = act * weight;

    assign sum_out = sum_in + {{(SUM_BITS - 18){product[17]}}, product};
endmodule
