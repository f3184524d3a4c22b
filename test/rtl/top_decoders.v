// All decoders and digit extractors side by side: every family, sign and width that pe/format.c lists is an instance of
// its module, and {family, is_signed, bits} selects whose term is seen.
module top_decoders (
    input  wire [4:0]  family, // in the order of enum format_family
    input  wire        is_signed,
    input  wire [3:0]  bits,
    input  wire [15:0] code,
    input  wire [2:0]  index, // of the digit
    input  wire        is_zero,
    output wire [8:0]  mult,
    output wire [4:0]  shift,
    output wire [8:0]  ant_mult,
    output wire [4:0]  ant_shift,
    output wire [5:0]  booth_digit,
    output wire [5:0]  rsd_digit
);
    wire [13:0] terms [0:1023];
    assign {mult, shift} = terms[{family, is_signed, bits}];

    genvar s, b, k;
    generate
        for (s = 0; s <= 1; s = s + 1) begin : sign
            for (b = 2; b <= 8; b = b + 1) begin : width
                wire [8:0] int_mult;
                wire [4:0] int_shift;
                decoder_int #(.BITS(b), .IS_SIGNED(s)) decode_int (
                    .code(code[b-1:0]), .mult(int_mult), .shift(int_shift));
                assign terms[0 * 32 + 16 * s + b] = {int_mult, int_shift};

                if (b >= 3) begin : flint
                    wire [8:0] flint_mult;
                    wire [4:0] flint_shift;
                    decoder_flint #(.BITS(b), .IS_SIGNED(s)) decode_flint (
                        .code(code[b-1:0]), .mult(flint_mult), .shift(flint_shift));
                    assign terms[1 * 32 + 16 * s + b] = {flint_mult, flint_shift};
                end

                if (b >= 3 && b - s <= 5) begin : pot
                    wire [8:0] pot_mult;
                    wire [4:0] pot_shift;
                    decoder_pot #(.BITS(b), .IS_SIGNED(s)) decode_pot (
                        .code(code[b-1:0]), .mult(pot_mult), .shift(pot_shift));
                    assign terms[2 * 32 + 16 * s + b] = {pot_mult, pot_shift};
                end

                if (s == 1 && b >= 4) begin : adafloat
                    wire [8:0] adafloat_mult;
                    wire [4:0] adafloat_shift;
                    decoder_adafloat #(.BITS(b)) decode_adafloat (
                        .code(code[b-1:0]), .mult(adafloat_mult), .shift(adafloat_shift));
                    assign terms[11 * 32 + 16 * s + b] = {adafloat_mult, adafloat_shift};
                end

                for (k = 1; k <= 4 && b >= 3 && b <= 7; k = k + 1) begin : scale
                    wire [8:0] biscaled_mult;
                    wire [4:0] biscaled_shift;
                    decoder_biscaled #(.BITS(b), .IS_SIGNED(s), .SCALE(k)) decode_biscaled (
                        .code(code[b:0]), .mult(biscaled_mult), .shift(biscaled_shift));
                    assign terms[(11 + k) * 32 + 16 * s + b] = {biscaled_mult, biscaled_shift};
                end

                for (k = 1; k <= 4; k = k + 1) begin : exponent
                    if (b - s >= 3 && b - s >= k) begin : float
                        wire [8:0] float_mult;
                        wire [4:0] float_shift;
                        decoder_float #(.BITS(b), .IS_SIGNED(s), .EXPONENT_BITS(k)) decode_float (
                            .code(code[b-1:0]), .mult(float_mult), .shift(float_shift));
                        assign terms[(2 + k) * 32 + 16 * s + b] = {float_mult, float_shift};
                    end
                end
            end
        end
    endgenerate

    decoder_ant decode_ant (
        .code(code[7:0]), .family(family[1:0]), .is_signed(is_signed), .is_wide(bits[3]),
        .mult(ant_mult), .shift(ant_shift));
    digit_booth digit_booth (.code(code[7:0]), .is_signed(is_signed), .index(index), .digit(booth_digit));
    digit_rsd digit_rsd (.code(code), .index(index[1:0]), .is_zero(is_zero), .digit(rsd_digit));
endmodule
