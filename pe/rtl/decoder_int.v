// int: two's complement where signed, plain binary where not (pe/format_int.c).
module decoder_int #(
    parameter BITS = 8,     // 3..8
    parameter IS_SIGNED = 1
) (
    input  wire        [BITS-1:0] code,
    output wire signed [8:0]      mult,
    output wire        [4:0]      shift
);
    wire is_negative = IS_SIGNED != 0 && code[BITS-1];

    assign mult  = {{(9 - BITS){is_negative}}, code};
    assign shift = 5'd0;
endmodule
