// The skew of the bottom edge undone: column j waits for the last one. Where columns are fused in pairs the wavefront
// takes half as many clocks, and so does the wait: (COLUMNS - 1 - j) / 2 for the left column of a pair.
module edge_deskew #(
    parameter COLUMNS = 4,
    parameter WIDTH = 32
) (
    input  wire                     clock,
    input  wire                     reset,
    input  wire                     is_fused,
    input  wire [COLUMNS*WIDTH-1:0] in,
    output wire [COLUMNS*WIDTH-1:0] out
);
    genvar j;
    generate
        for (j = 0; j < COLUMNS; j = j + 1) begin : column
            delay_line #(.WIDTH(WIDTH), .DEPTH(COLUMNS - 1 - j)) delay (
                .clock(clock), .reset(reset), .is_half(is_fused),
                .in(in[j*WIDTH +: WIDTH]), .out(out[j*WIDTH +: WIDTH]));
        end
    endgenerate
endmodule
