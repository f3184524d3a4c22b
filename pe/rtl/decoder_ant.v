// The decoder at the edge of an ANT array: int, flint or pot of 4 or 8 bits, chosen at run time (ANT, MICRO 2022,
// section 5). The rules are those of decoder_int, decoder_flint and decoder_pot; there is no pot of 8 bits.
//
// One leading-zero detector serves all widths of flint: it reads the magnitude aligned to the top, with the one of
// decoder_flint below it.
module decoder_ant (
    input  wire        [7:0] code, // 4 bits: in code[3:0]
    input  wire        [1:0] family,
    input  wire              is_signed,
    input  wire              is_wide, // 8 bits, else 4
    output reg  signed [8:0] mult,
    output reg         [4:0] shift
);
    localparam INT = 2'd0, FLINT = 2'd1, POT = 2'd2;

    wire is_negative = is_signed && (is_wide ? code[7] : code[3]);

    wire [8:0] ended = is_wide ? {code, 1'b1} : {code[3:0], 1'b1, 4'b0};
    wire [8:0] aligned = is_signed ? ended << 1 : ended; // flag, x, 1, zeros
    wire       flag = aligned[8];
    wire [7:0] mask = (is_wide ? 8'hff : 8'h0f) >> is_signed;
    wire [7:0] magnitude = code & mask;
    wire [7:0] x = magnitude & mask >> 1;
    wire       is_x_zero = x == 8'd0;

    reg [4:0] twice_zeros;
    integer   i;
    always @* begin
        twice_zeros = 5'd0;
        for (i = 0; i < 8; i = i + 1)
            twice_zeros = aligned[i] ? 5'd0 : twice_zeros + 5'd2;
    end

    wire is_power = magnitude[3:0] != 4'd0;
    reg [8:0] absolute;
    always @* begin
        case (family)
        FLINT: begin
            absolute = {1'b0, flag ? {x[6:0], is_x_zero} : x};
            shift = flag ? twice_zeros : 5'd0;
        end
        POT: begin
            absolute = {8'd0, is_power};
            shift = is_power ? {1'b0, magnitude[3:0]} - 5'd1 : 5'd0;
        end
        default: begin
            absolute = {1'b0, magnitude};
            shift = 5'd0;
        end
        endcase
        mult = is_negative ? -absolute : absolute;
        if (family == INT)
            mult = is_wide ? {is_negative, code} : {{5{is_negative}}, code[3:0]};
    end
endmodule
