// float_e<k>: ANT (Guo et al., MICRO 2022), section 4 (pe/format_float.c). k exponent bits e above a mantissa m of the
// other M bits of the magnitude: e = 0: m (subnormal); e > 0: (2^M + m) << (e - 1). A signed code is a sign bit above
// the magnitude.
module decoder_float #(
    parameter BITS = 4,          // 3..8
    parameter IS_SIGNED = 0,
    parameter EXPONENT_BITS = 2  // k: 1..4
) (
    input  wire        [BITS-1:0] code,
    output wire signed [8:0]      mult,
    output wire        [4:0]      shift
);
    localparam MAGNITUDE_BITS = BITS - IS_SIGNED;
    localparam MANTISSA_BITS = MAGNITUDE_BITS - EXPONENT_BITS;
    localparam [8:0] ONE = 9'd1 << MANTISSA_BITS;

    wire       is_negative = IS_SIGNED != 0 && code[BITS-1];
    wire [8:0] mantissa = {{(9 - MAGNITUDE_BITS){1'b0}}, code[MAGNITUDE_BITS-1:0]} & (ONE - 9'd1);
    wire [4:0] exponent = {{(5 - EXPONENT_BITS){1'b0}}, code[MAGNITUDE_BITS-1:MANTISSA_BITS]};
    wire       is_subnormal = exponent == 5'd0;
    wire [8:0] magnitude = is_subnormal ? mantissa : ONE | mantissa;

    assign mult  = is_negative ? -magnitude : magnitude;
    assign shift = is_subnormal ? 5'd0 : exponent - 5'd1;
endmodule
