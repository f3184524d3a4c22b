// 2 x 2 PEs ant. A wide activation fuses the rows, a wide weight the columns; a fused group is one PE of the effective
// array: operands and sums pass it in one hop, by the registers of its first PE, and its products are added up from PE
// to PE, row by row (ANT, MICRO 2022, section 6). The sum registers of the other PEs are drained too: whatever the next
// task fuses, it finds zeros.
module cell_ant_2x2 #(
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
    input  wire [2*10-1:0]       act_in,
    input  wire [2*10-1:0]       weight_in,
    input  wire [2*SUM_BITS-1:0] sum_in,
    input  wire [3:0]            takes_outlier, // PE (row, column): [row * 2 + column]
    input  wire signed [17:0]    outlier,
    output wire [2*10-1:0]       act_out,
    output wire [2*10-1:0]       weight_out,
    output wire [2*SUM_BITS-1:0] sum_out
);
    // What PE (row, column) hands on: [row * 2 + column].
    wire [9:0] act_0, act_1, act_2, act_3;
    wire [9:0] weight_0, weight_1, weight_2, weight_3;
    wire [SUM_BITS-1:0] sum_0, sum_1, sum_2, sum_3;
    wire [SUM_BITS-1:0] chain_0, chain_1, chain_2, chain_3;

    // The last product of the group that a PE is in, or of its row of the group.
    wire [SUM_BITS-1:0] top_row = fuse_columns ? chain_1 : chain_0;
    wire [SUM_BITS-1:0] bottom_row = fuse_columns ? chain_3 : chain_2;
    wire [SUM_BITS-1:0] left_column = fuse_rows ? bottom_row : top_row;
    wire [SUM_BITS-1:0] right_column = fuse_rows ? chain_3 : chain_1;

    cell_ant #(.WEIGHT_STATIONARY(WEIGHT_STATIONARY), .SUM_BITS(SUM_BITS), .OUTLIERS(OUTLIERS)) top_left (
        .clock(clock), .reset(reset), .load_weight(load_weight[0]), .drain(drain),
        .act_in(act_in[9:0]), .act_out(act_0),
        .weight_in(weight_in[9:0]), .weight_out(weight_0),
        .sum_in(sum_in[SUM_BITS-1:0]), .sum_out(sum_0),
        .is_chained(1'b0), .chain_in({SUM_BITS{1'b0}}), .chain_out(chain_0), .result(left_column),
        .takes_outlier(takes_outlier[0]), .outlier(outlier));

    cell_ant #(.WEIGHT_STATIONARY(WEIGHT_STATIONARY), .SUM_BITS(SUM_BITS), .OUTLIERS(OUTLIERS)) top_right (
        .clock(clock), .reset(reset), .load_weight(load_weight[1]), .drain(drain),
        .act_in(fuse_columns ? act_in[9:0] : act_0), .act_out(act_1),
        .weight_in(weight_in[19:10]), .weight_out(weight_1),
        .sum_in(sum_in[2*SUM_BITS-1:SUM_BITS]), .sum_out(sum_1),
        .is_chained(fuse_columns), .chain_in(chain_0), .chain_out(chain_1), .result(right_column),
        .takes_outlier(takes_outlier[1]), .outlier(outlier));

    cell_ant #(.WEIGHT_STATIONARY(WEIGHT_STATIONARY), .SUM_BITS(SUM_BITS), .OUTLIERS(OUTLIERS)) bottom_left (
        .clock(clock), .reset(reset), .load_weight(load_weight[0]), .drain(drain),
        .act_in(act_in[19:10]), .act_out(act_2),
        .weight_in(fuse_rows ? weight_in[9:0] : weight_0), .weight_out(weight_2),
        .sum_in(fuse_rows ? sum_in[SUM_BITS-1:0] : sum_0), .sum_out(sum_2),
        .is_chained(fuse_rows), .chain_in(top_row), .chain_out(chain_2), .result(bottom_row),
        .takes_outlier(takes_outlier[2]), .outlier(outlier));

    cell_ant #(.WEIGHT_STATIONARY(WEIGHT_STATIONARY), .SUM_BITS(SUM_BITS), .OUTLIERS(OUTLIERS)) bottom_right (
        .clock(clock), .reset(reset), .load_weight(load_weight[1]), .drain(drain),
        .act_in(fuse_columns ? act_in[19:10] : act_2), .act_out(act_3),
        .weight_in(fuse_rows ? weight_in[19:10] : weight_1), .weight_out(weight_3),
        .sum_in(fuse_rows ? sum_in[2*SUM_BITS-1:SUM_BITS] : sum_1), .sum_out(sum_3),
        .is_chained(fuse_rows || fuse_columns), .chain_in(fuse_columns ? chain_2 : chain_1),
        .chain_out(chain_3), .result(chain_3),
        .takes_outlier(takes_outlier[3]), .outlier(outlier));

    assign act_out = {act_3, act_1};
    assign weight_out = {weight_3, weight_2};
    assign sum_out = fuse_rows ? {sum_1, sum_0} : {sum_3, sum_2};
endmodule
