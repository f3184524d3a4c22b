// Digit `index` of a restricted signed digit code: MSD (Wu et al., FCCM 2023), section 3 (pe/format_digits.c). A digit
// is a nibble, the first in the lowest bits: sign above a 3-bit shift. rsd_eb1 alone has a flag that gates its digit
// off, in code bit 4; all other formats, where that bit is part of a digit, give is_zero = 0.
module digit_rsd (
    input  wire [15:0] code,
    input  wire [1:0]  index,
    input  wire        is_zero,
    output wire [5:0]  digit // {is_zero, is_negative, shift}
);
    wire [3:0] nibble = code[4 * index +: 4];

    assign digit = {is_zero, nibble[3], 1'b0, nibble[2:0]};
endmodule
