// 4 x 4 PEs olaccel and one for outliers, at two widths of the sums.
module top_cell_olaccel (
    input  wire              clock,
    input  wire              reset,
    input  wire              drain,
    input  wire              fuse_rows,
    input  wire              fuse_columns,
    input  wire [19:0]       acts,
    input  wire [19:0]       weights,
    input  wire [127:0]      sums_in,
    input  wire              has_outlier,
    input  wire [3:0]        outlier_place,
    input  wire signed [8:0] outlier_act,
    input  wire signed [8:0] outlier_weight,
    output wire [19:0]       acts_out,
    output wire [19:0]       weights_out,
    output wire [95:0]       sums_24,
    output wire [127:0]      sums_32
);
    /* verilator lint_off PINCONNECTEMPTY */
    cell_olaccel_4x4 #(.SUM_BITS(24)) cells_24 (
        .clock(clock), .reset(reset), .drain(drain), .fuse_rows(fuse_rows), .fuse_columns(fuse_columns),
        .act_in(acts), .weight_in(weights),
        .sum_in({sums_in[119:96], sums_in[87:64], sums_in[55:32], sums_in[23:0]}),
        .has_outlier(has_outlier), .outlier_place(outlier_place), .outlier_act(outlier_act),
        .outlier_weight(outlier_weight), .act_out(), .weight_out(), .sum_out(sums_24));
    /* verilator lint_on PINCONNECTEMPTY */
    cell_olaccel_4x4 #(.SUM_BITS(32)) cells_32 (
        .clock(clock), .reset(reset), .drain(drain), .fuse_rows(fuse_rows), .fuse_columns(fuse_columns),
        .act_in(acts), .weight_in(weights), .sum_in(sums_in),
        .has_outlier(has_outlier), .outlier_place(outlier_place), .outlier_act(outlier_act),
        .outlier_weight(outlier_weight), .act_out(acts_out), .weight_out(weights_out), .sum_out(sums_32));
endmodule
