// Radix-4 Booth digit `index` of an integer: MacSorley, "High-speed arithmetic in binary computers" (1961)
// (pe/booth.c). Digit i is b[2i-1] + b[2i] - 2 b[2i+1], with b[-1] = 0 and the sign, or zeros, above the code: -2..2,
// of weight 4^i. Digits above the last one that the width needs are 0.
module digit_booth (
    input  wire [7:0] code, // extended to 8 bits: by its sign if signed, by zeros if not
    input  wire       is_signed,
    input  wire [2:0] index,
    output wire [5:0] digit // {is_zero, is_negative, shift}
);
    wire        above = is_signed && code[7];
    wire [16:0] bits = {{8{above}}, code, 1'b0};
    wire [2:0]  window = bits[2 * index +: 3];
    wire        is_zero = window == 3'b000 || window == 3'b111;
    wire        is_double = window == 3'b011 || window == 3'b100;

    assign digit = {is_zero, window[2], index, is_double};
endmodule
