// pot: ANT (Guo et al., MICRO 2022), section 4 (pe/format_float.c). A magnitude code e is 0 or 1 << (e - 1). A signed
// code is a sign bit above the magnitude.
module decoder_pot #(
    parameter BITS = 4,     // 3..5, signed 3..6
    parameter IS_SIGNED = 0
) (
    input  wire        [BITS-1:0] code,
    output wire signed [8:0]      mult,
    output wire        [4:0]      shift
);
    localparam EXPONENT_BITS = BITS - IS_SIGNED;

    wire       is_negative = IS_SIGNED != 0 && code[BITS-1];
    wire [5:0] exponent = {{(6 - EXPONENT_BITS){1'b0}}, code[EXPONENT_BITS-1:0]};
    wire       is_power = exponent != 6'd0;

    assign mult  = {{8{is_negative && is_power}}, is_power};
    assign shift = is_power ? exponent[4:0] - 5'd1 : 5'd0;
endmodule
