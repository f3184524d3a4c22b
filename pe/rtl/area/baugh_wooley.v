// A technology map for yosys: multiplication as an array of carry-save adders, and one adder that carries at the end
// (Baugh and Wooley, "A two's complement parallel array multiplication algorithm", IEEE Transactions on Computers, 1973).
//
// Signed a (A bits) times b (B bits), modulo 2^(A+B):
//     sum of a[i] b[j] 2^(i+j), where a product of one sign bit and one other bit is inverted,
//     + 2^(A-1) + 2^(B-1) + 2^(A+B-1)
// Without signs nothing is inverted and nothing added.
(* techmap_celltype = "$mul" *)
module baugh_wooley (A, B, Y);
    parameter A_SIGNED = 0;
    parameter B_SIGNED = 0;
    parameter A_WIDTH = 1;
    parameter B_WIDTH = 1;
    parameter Y_WIDTH = 1;
    input  [A_WIDTH-1:0] A;
    input  [B_WIDTH-1:0] B;
    output [Y_WIDTH-1:0] Y;

    localparam IS_SIGNED = A_SIGNED && B_SIGNED;
    localparam WIDTH = A_WIDTH + B_WIDTH;
    localparam [WIDTH-1:0] ONE = 1;
    localparam [WIDTH-1:0] CORRECTION =
        IS_SIGNED ? (ONE << (A_WIDTH - 1)) + (ONE << (B_WIDTH - 1)) + (ONE << (WIDTH - 1)) : 0;

    wire _TECHMAP_FAIL_ = A_WIDTH < 2 || B_WIDTH < 2 || (A_SIGNED != 0) != (B_SIGNED != 0);

    reg [WIDTH-1:0] row, sum, carry, half;
    integer i, j;
    always @* begin
        sum = CORRECTION;
        carry = 0;
        for (j = 0; j < B_WIDTH; j = j + 1) begin
            row = 0;
            for (i = 0; i < A_WIDTH; i = i + 1)
                row[i + j] = (A[i] & B[j]) ^ (IS_SIGNED && (i == A_WIDTH - 1) != (j == B_WIDTH - 1));
            half = sum ^ carry;
            carry = ((sum & carry) | (half & row)) << 1;
            sum = half ^ row;
        end
    end

    wire [WIDTH-1:0] product = sum + carry;
    generate
        if (Y_WIDTH > WIDTH)
            assign Y = {{(Y_WIDTH - WIDTH){IS_SIGNED ? product[WIDTH-1] : 1'b0}}, product};
        else
            assign Y = product[Y_WIDTH-1:0];
    endgenerate
endmodule
