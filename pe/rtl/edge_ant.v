// An edge of PEs ant: a decoder for each line of 4-bit PEs. A wide operand enters two neighbouring lines at once, its
// low half and its high half, whose shift is 4 more: with that, fused PEs need not know that they are fused
// (ANT, MICRO 2022, sections 5 and 6).
//
//     operand  {shift[4:0], signed mult[4:0]}
module edge_ant #(
    parameter LANES = 4
) (
    input  wire [LANES*8-1:0]  codes,
    input  wire [1:0]          family,
    input  wire                is_signed,
    input  wire                is_wide,
    output wire [LANES*10-1:0] operands
);
    genvar i;
    generate
        for (i = 0; i < LANES; i = i + 1) begin : lane
            wire [7:0] code = is_wide ? codes[(i/2)*8 +: 8] : codes[i*8 +: 8];
            wire signed [8:0] mult; // a narrow one has 5 bits
            wire [4:0] shift;
            wire [9:0] half;

            decoder_ant decoder (.code(code), .family(family), .is_signed(is_signed), .is_wide(is_wide),
                                 .mult(mult), .shift(shift));
            assign half = i % 2 == 0 ? {shift, 1'b0, mult[3:0]} : {shift + 5'd4, mult[8:4]};
            assign operands[i*10 +: 10] = is_wide ? half : {shift, mult[4:0]};
        end
    endgenerate
endmodule
