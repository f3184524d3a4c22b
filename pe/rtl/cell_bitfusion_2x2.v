// 2 x 2 PEs bitfusion: integers of 4 bits, which fuse for wider ones (Bit Fusion, Sharma et al., ISCA 2018). ANT's PEs take
// their fusion from there: these are its 2 x 2 without the operands' shifts, except that the upper half of a wide operand
// stands 4 bits higher. Operands are signed pieces of 5 bits, as in multiply_ant.
module cell_bitfusion_2x2 #(
    parameter [0:0] WEIGHT_STATIONARY = 0,
    parameter SUM_BITS = 32,
    parameter [0:0] OUTLIERS = 0 // as in cell_ant
) (
    input  wire                  clock,
    input  wire                  reset,
    input  wire [1:0]            load_weight, // a column
    input  wire                  drain,
    input  wire                  fuse_rows,
    input  wire                  fuse_columns,
    input  wire [2*5-1:0]        act_in, // {bottom row or upper half, top row or lower half}
    input  wire [2*5-1:0]        weight_in,
    input  wire [2*SUM_BITS-1:0] sum_in,
    input  wire [3:0]            takes_outlier, // as in cell_ant_2x2
    input  wire signed [17:0]    outlier,
    output wire [2*5-1:0]        act_out,
    output wire [2*5-1:0]        weight_out,
    output wire [2*SUM_BITS-1:0] sum_out
);
    /* verilator lint_off UNUSEDSIGNAL */ // the shifts: each 2 x 2 makes its own
    wire [19:0] acts, weights;
    /* verilator lint_on UNUSEDSIGNAL */

    cell_ant_2x2 #(.WEIGHT_STATIONARY(WEIGHT_STATIONARY), .SUM_BITS(SUM_BITS), .OUTLIERS(OUTLIERS)) cells (
        .clock(clock), .reset(reset), .load_weight(load_weight), .drain(drain),
        .fuse_rows(fuse_rows), .fuse_columns(fuse_columns), .takes_outlier(takes_outlier), .outlier(outlier),
        .act_in({2'd0, fuse_rows, 2'd0, act_in[9:5], 5'd0, act_in[4:0]}),
        .weight_in({2'd0, fuse_columns, 2'd0, weight_in[9:5], 5'd0, weight_in[4:0]}),
        .sum_in(sum_in), .act_out(acts), .weight_out(weights), .sum_out(sum_out));
    assign act_out = {acts[14:10], acts[4:0]};
    assign weight_out = {weights[14:10], weights[4:0]};
endmodule
