// An integer code of `bits` (2 to 8) bits as a signed number.
module operand_int (
    input  wire [7:0]        code,
    input  wire              is_signed,
    input  wire [4:0]        bits,
    output wire signed [8:0] mult
);
    wire [8:0] mask = (9'd1 << bits) - 9'd1;
    wire [8:0] sign = (mask >> 1) + 9'd1;
    wire is_negative = is_signed && (({1'b0, code} & sign) != 9'd0);

    assign mult = is_negative ? {1'b0, code} | ~mask : {1'b0, code} & mask;
endmodule
