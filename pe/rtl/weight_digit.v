// Digit `index` of a weight on a digit-serial PE: of an integer (8 bits, sign extended) its radix-4 Booth digit, of a
// restricted signed digit code the digit it holds. Only the single digit of rsd_eb1 has a zero flag.
module weight_digit (
    input  wire [15:0] code,
    input  wire        is_rsd,
    input  wire        is_single,
    input  wire        is_signed,
    input  wire [2:0]  index,
    output wire [5:0]  digit
);
    wire [5:0] booth, rsd;

    digit_booth recoder (.code(code[7:0]), .is_signed(is_signed), .index(index), .digit(booth));
    digit_rsd selector (.code(code), .index(index[1:0]), .is_zero(is_single && code[4]), .digit(rsd));
    assign digit = is_rsd ? rsd : booth;
endmodule
