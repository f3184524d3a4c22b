// flint: ANT (Guo et al., MICRO 2022), section 4, by the integer-based decoder of section 5 (pe/format_flint.c).
//
// A magnitude of b bits is a flag above b - 1 bits x:
//   flag 0:  the integer x;
//   flag 1:  with z zeros before the first one of x: (x << 1) << 2z; where x has no one: 1 << 2(b - 1).
// A one below x makes both cases of flag 1 the same: z is the number of zeros before the first one of {x, 1}, and the
// lowest bit of the multiplicand is set just where x is zero. A signed code is a sign bit above the magnitude.
module decoder_flint #(
    parameter BITS = 4,     // 3..8
    parameter IS_SIGNED = 0
) (
    input  wire        [BITS-1:0] code,
    output wire signed [8:0]      mult,
    output wire        [4:0]      shift
);
    localparam X_BITS = BITS - 1 - IS_SIGNED;

    wire              is_negative = IS_SIGNED != 0 && code[BITS-1];
    wire              flag = code[X_BITS];
    wire [X_BITS-1:0] x = code[X_BITS-1:0];

    reg [4:0] twice_zeros;
    integer   i;
    always @* begin
        twice_zeros = 5'd0;
        for (i = 0; i < X_BITS; i = i + 1)
            twice_zeros = x[i] ? 5'd0 : twice_zeros + 5'd2;
    end

    wire [8:0] magnitude = {{(8 - X_BITS){1'b0}}, flag ? {x, x == 0} : {1'b0, x}};
    assign mult  = is_negative ? -magnitude : magnitude;
    assign shift = flag ? twice_zeros : 5'd0;
endmodule
