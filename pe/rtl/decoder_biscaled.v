// biscaled_s<k>: BiScaled-FxP (Jain et al., DAC 2019; pe/format_biscaled.c). An integer, and above it a flag that says
// whether it counts 1 or 2^k.
module decoder_biscaled #(
    parameter BITS = 6, // 3..7
    parameter IS_SIGNED = 0,
    parameter SCALE = 1 // k, 1..4
) (
    input  wire        [BITS:0] code,
    output wire signed [8:0]    mult,
    output wire        [4:0]    shift
);
    wire is_negative = IS_SIGNED != 0 && code[BITS-1];
    wire [4:0] scale = SCALE;

    assign mult = {{(9 - BITS){is_negative}}, code[BITS-1:0]};
    assign shift = code[BITS] ? scale : 5'd0;
endmodule
