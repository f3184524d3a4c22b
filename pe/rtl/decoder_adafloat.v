// adafloat_e3: AdaptivFloat (Tambe et al., DAC 2020), section 3 (pe/format_adafloat.c). A sign, three exponent bits e and a
// mantissa m of the other M bits; every number is normal, (2^M + m) << e, but the least one, e = m = 0, which is zero.
module decoder_adafloat #(
    parameter BITS = 8 // 4..8
) (
    input  wire        [BITS-1:0] code,
    output wire signed [8:0]      mult,
    output wire        [4:0]      shift
);
    localparam MANTISSA = BITS - 4;

    wire [8:0] significand;
    wire       is_normal = code[BITS-2:0] != 0;
    generate
        if (MANTISSA > 0) begin : mantissa
            assign significand = {{(8 - MANTISSA){1'b0}}, is_normal, code[MANTISSA-1:0]};
        end else begin : none
            assign significand = {8'd0, is_normal};
        end
    endgenerate
    assign mult = code[BITS-1] ? -significand : significand;
    assign shift = {2'd0, code[BITS-2:MANTISSA]};
endmodule
