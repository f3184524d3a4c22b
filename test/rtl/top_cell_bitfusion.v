// 2 x 2 PEs bitfusion, output-stationary, at two widths of the sums.
module top_cell_bitfusion (
    input  wire        clock,
    input  wire        reset,
    input  wire        drain,
    input  wire        fuse_rows,
    input  wire        fuse_columns,
    input  wire [9:0]  acts,
    input  wire [9:0]  weights,
    input  wire [63:0] sums_in,
    output wire [9:0]  acts_out,
    output wire [9:0]  weights_out,
    output wire [47:0] sums_24,
    output wire [63:0] sums_32
);
    /* verilator lint_off PINCONNECTEMPTY */
    cell_bitfusion_2x2 #(.SUM_BITS(24)) cells_24 (
        .clock(clock), .reset(reset), .load_weight(2'd0), .drain(drain), .fuse_rows(fuse_rows),
        .fuse_columns(fuse_columns), .takes_outlier(4'd0), .outlier(18'd0),
        .act_in(acts), .weight_in(weights), .sum_in({sums_in[55:32], sums_in[23:0]}),
        .act_out(), .weight_out(), .sum_out(sums_24));
    /* verilator lint_on PINCONNECTEMPTY */
    cell_bitfusion_2x2 #(.SUM_BITS(32)) cells_32 (
        .clock(clock), .reset(reset), .load_weight(2'd0), .drain(drain), .fuse_rows(fuse_rows),
        .fuse_columns(fuse_columns), .takes_outlier(4'd0), .outlier(18'd0),
        .act_in(acts), .weight_in(weights), .sum_in(sums_in),
        .act_out(acts_out), .weight_out(weights_out), .sum_out(sums_32));
endmodule
