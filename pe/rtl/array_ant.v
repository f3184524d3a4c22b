// The grid of PEs ant, in groups of 2 x 2. ROWS and COLUMNS are even. Where columns are fused, a sum is in the lane of
// the left one.
/* verilator lint_off UNUSEDSIGNAL */ // the last links
module array_ant #(
    parameter ROWS = 4,
    parameter COLUMNS = 4,
    parameter [0:0] WEIGHT_STATIONARY = 0,
    parameter SUM_BITS = 32
) (
    input  wire                        clock,
    input  wire                        reset,
    input  wire [COLUMNS-1:0]          load_weight,
    input  wire                        drain,
    input  wire                        fuse_rows,
    input  wire                        fuse_columns,
    input  wire [ROWS*10-1:0]          acts,
    input  wire [COLUMNS*10-1:0]       weights,
    output wire [COLUMNS*SUM_BITS-1:0] sums
);
    localparam PAIRS = COLUMNS / 2;
    localparam SUM_PAIR = 2 * SUM_BITS;
    wire [ROWS/2*(PAIRS+1)*20-1:0] act_links /*verilator split_var*/;    // into group (i, j): [i * (PAIRS + 1) + j]
    wire [(ROWS/2+1)*PAIRS*20-1:0] weight_links /*verilator split_var*/; // [i * PAIRS + j]
    wire [(ROWS/2+1)*PAIRS*SUM_PAIR-1:0] sum_links /*verilator split_var*/;

    assign weight_links[PAIRS*20-1:0] = weights;
    assign sum_links[PAIRS*SUM_PAIR-1:0] = {PAIRS*SUM_PAIR{1'b0}};
    assign sums = sum_links[ROWS/2*PAIRS*SUM_PAIR +: PAIRS*SUM_PAIR];
    genvar i, j;
    generate
        for (i = 0; i < ROWS / 2; i = i + 1) begin : row
            assign act_links[i*(PAIRS+1)*20 +: 20] = acts[i*20 +: 20];
            for (j = 0; j < PAIRS; j = j + 1) begin : column
                cell_ant_2x2 #(.WEIGHT_STATIONARY(WEIGHT_STATIONARY), .SUM_BITS(SUM_BITS)) group (
                    .clock(clock), .reset(reset), .load_weight(load_weight[2*j +: 2]), .drain(drain),
                    .fuse_rows(fuse_rows), .fuse_columns(fuse_columns), .takes_outlier(4'd0), .outlier(18'd0),
                    .act_in(act_links[(i*(PAIRS+1)+j)*20 +: 20]),
                    .act_out(act_links[(i*(PAIRS+1)+j+1)*20 +: 20]),
                    .weight_in(weight_links[(i*PAIRS+j)*20 +: 20]),
                    .weight_out(weight_links[((i+1)*PAIRS+j)*20 +: 20]),
                    .sum_in(sum_links[(i*PAIRS+j)*SUM_PAIR +: SUM_PAIR]),
                    .sum_out(sum_links[((i+1)*PAIRS+j)*SUM_PAIR +: SUM_PAIR]));
            end
        end
    endgenerate
endmodule
/* verilator lint_on UNUSEDSIGNAL */
