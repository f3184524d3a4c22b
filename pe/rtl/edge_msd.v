// The edge where weights enter an array of PEs msd: integers are extended to 8 bits, restricted signed digits stay as
// they are. An output-stationary array takes from here one digit a clock, a weight-stationary one the code, whose
// digits its cells select.
module edge_msd #(
    parameter LANES = 4
) (
    input  wire [LANES*16-1:0] codes,
    input  wire [LANES*3-1:0]  indices,
    input  wire                is_rsd,
    input  wire                is_signed,
    input  wire [4:0]          bits,
    output wire [LANES*16-1:0] weights,
    output wire [LANES*6-1:0]  digits
);
    genvar j;
    generate
        for (j = 0; j < LANES; j = j + 1) begin : lane
            wire [8:0] mult;
            wire [15:0] weight = is_rsd ? codes[j*16 +: 16] : {7'd0, mult};

            operand_int operand (.code(codes[j*16 +: 8]), .is_signed(is_signed), .bits(bits), .mult(mult));
            weight_digit recoder (.code(weight), .is_rsd(is_rsd), .is_single(bits == 5'd5), .is_signed(is_signed),
                                  .index(indices[j*3 +: 3]), .digit(digits[j*6 +: 6]));
            assign weights[j*16 +: 16] = weight;
        end
    endgenerate
endmodule
