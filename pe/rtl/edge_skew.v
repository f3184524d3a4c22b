// The skew of an edge where operands enter: lane i is delayed by i clocks, so that the operands of one step meet in
// PE (i, j) i + j clocks after they met in PE (0, 0).
module edge_skew #(
    parameter LANES = 4,
    parameter WIDTH = 8
) (
    input  wire                   clock,
    input  wire                   reset,
    input  wire [LANES*WIDTH-1:0] in,
    output wire [LANES*WIDTH-1:0] out
);
    genvar i;
    generate
        for (i = 0; i < LANES; i = i + 1) begin : lane
            delay_line #(.WIDTH(WIDTH), .DEPTH(i)) delay (
                .clock(clock), .reset(reset), .is_half(1'b0),
                .in(in[i*WIDTH +: WIDTH]), .out(out[i*WIDTH +: WIDTH]));
        end
    endgenerate
endmodule
