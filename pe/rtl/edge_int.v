// An edge of integers: what PEs int8 take from both sides and PEs msd from the left.
module edge_int #(
    parameter LANES = 4
) (
    input  wire [LANES*8-1:0] codes,
    input  wire               is_signed,
    input  wire [4:0]         bits,
    output wire [LANES*9-1:0] mults
);
    genvar i;
    generate
        for (i = 0; i < LANES; i = i + 1) begin : lane
            operand_int operand (.code(codes[i*8 +: 8]), .is_signed(is_signed), .bits(bits),
                                 .mult(mults[i*9 +: 9]));
        end
    endgenerate
endmodule
