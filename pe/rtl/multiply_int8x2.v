// One clock of PE int8x2: two sums, of two output pixels that share a weight, modulo 2^SUM_BITS (pe/pe.c,
// int8_multiply_accumulate, twice). A DSP slice does it with its one multiplier of 27 x 18 bits: the activations stand 18
// bits apart in the wide operand, and each product has its 18 bits; one below zero borrows from the product above it, which
// gets that back (Fu et al., "Deep Learning with INT8 Optimization on Xilinx Devices", WP486, 2017). With gates that makes
// 27 x 9 partial products of what are 2 x 9 x 9; two multipliers side by side are smaller, and PACKED chooses.
module multiply_int8x2 #(
    parameter SUM_BITS = 32, // 19 or more
    parameter [0:0] PACKED = 0
) (
    input  wire signed [8:0]          act_0, // int or uint of up to 8 bits
    input  wire signed [8:0]          act_1,
    input  wire signed [8:0]          weight,
    input  wire signed [SUM_BITS-1:0] sum_in_0,
    input  wire signed [SUM_BITS-1:0] sum_in_1,
    output wire signed [SUM_BITS-1:0] sum_out_0,
    output wire signed [SUM_BITS-1:0] sum_out_1
);
    generate
        if (PACKED) begin : one_multiplier
            wire signed [26:0] acts = {act_1, 18'd0} + {{18{act_0[8]}}, act_0};
            wire signed [35:0] products = acts * weight;
            wire [17:0] upper = products[35:18] + {17'd0, products[17]};

            assign sum_out_0 = sum_in_0 + {{(SUM_BITS - 18){products[17]}}, products[17:0]};
            assign sum_out_1 = sum_in_1 + {{(SUM_BITS - 18){upper[17]}}, upper};
        end else begin : two_multipliers
            multiply_int8 #(.SUM_BITS(SUM_BITS)) multiply_0 (
                .act(act_0), .weight(weight), .sum_in(sum_in_0), .sum_out(sum_out_0));
            multiply_int8 #(.SUM_BITS(SUM_BITS)) multiply_1 (
                .act(act_1), .weight(weight), .sum_in(sum_in_1), .sum_out(sum_out_1));
        end
    endgenerate
endmodule
