// The systolic array with its edges: codes enter unskewed, a lane for each row or column of the effective array, and
// are delayed, decoded and sent into the grid; in a weight-stationary array sums leave unskewed again. PE: 0 int8,
// 1 ant, 2 msd. ROWS and COLUMNS are PEs; of ant 4-bit PEs, of which there must be an even number each way.
//
// Combinational from act_codes and weight_codes to the multipliers of row 0 and column 0, and, weight-stationary, from
// the registers above the bottom row to `sums`.
/* verilator lint_off UNUSEDSIGNAL */ // the ports are those of all PEs; a build is of one
module array #(
    parameter ROWS = 4,
    parameter COLUMNS = 4,
    parameter PE = 0,
    parameter [0:0] WEIGHT_STATIONARY = 0,
    parameter SUM_BITS = 32
) (
    input  wire                        clock,
    input  wire                        reset,
    input  wire [1:0]                  act_family, // 0 int, 1 flint, 2 pot
    input  wire                        act_is_signed,
    input  wire [4:0]                  act_bits,
    input  wire [1:0]                  weight_family, // 3 rsd
    input  wire                        weight_is_signed,
    input  wire [4:0]                  weight_bits, // that a code takes
    input  wire                        fuse_rows,
    input  wire                        fuse_columns,
    input  wire [ROWS*8-1:0]           act_codes,
    input  wire [COLUMNS*16-1:0]       weight_codes,
    input  wire [2:0]                  digit_index,
    input  wire                        load_weight,
    input  wire                        drain,
    output wire [COLUMNS*SUM_BITS-1:0] sums
);
    localparam MSD = 2;
    localparam WEIGHT_BITS = PE == MSD ? 16 : 8;
    localparam INDEX_BITS = PE == MSD ? 3 : 0;
    localparam ACT_LANE = 8 + (WEIGHT_STATIONARY ? INDEX_BITS : 0);
    localparam WEIGHT_LANE = WEIGHT_BITS + (WEIGHT_STATIONARY ? 1 : INDEX_BITS);

    // --- into the lanes: codes, with what goes along with them ---

    wire [ROWS*ACT_LANE-1:0] act_lanes, act_skewed;
    wire [COLUMNS*WEIGHT_LANE-1:0] weight_lanes, weight_skewed;
    wire [ROWS*8-1:0] acts;
    wire [COLUMNS*WEIGHT_BITS-1:0] weights;
    wire [ROWS*3-1:0] act_indices;
    wire [COLUMNS*3-1:0] weight_indices;
    wire [COLUMNS-1:0] loads;
    genvar i, j;
    generate
        for (i = 0; i < ROWS; i = i + 1) begin : row
            assign act_lanes[i*ACT_LANE +: 8] = act_codes[i*8 +: 8];
            assign acts[i*8 +: 8] = act_skewed[i*ACT_LANE +: 8];
            if (ACT_LANE > 8) begin : indexed
                assign act_lanes[i*ACT_LANE+8 +: 3] = digit_index;
                assign act_indices[i*3 +: 3] = act_skewed[i*ACT_LANE+8 +: 3];
            end else begin : plain
                assign act_indices[i*3 +: 3] = 3'd0;
            end
        end
        for (j = 0; j < COLUMNS; j = j + 1) begin : column
            assign weight_lanes[j*WEIGHT_LANE +: WEIGHT_BITS] = weight_codes[j*16 +: WEIGHT_BITS];
            assign weights[j*WEIGHT_BITS +: WEIGHT_BITS] = weight_skewed[j*WEIGHT_LANE +: WEIGHT_BITS];
            if (WEIGHT_STATIONARY) begin : loaded
                assign weight_lanes[j*WEIGHT_LANE+WEIGHT_BITS] = load_weight;
                assign loads[j] = weight_skewed[(fuse_columns ? j/2 : j)*WEIGHT_LANE+WEIGHT_BITS];
            end else begin : passed
                assign loads[j] = 1'b0;
            end
            if (PE == MSD && !WEIGHT_STATIONARY) begin : indexed
                assign weight_lanes[j*WEIGHT_LANE+WEIGHT_BITS +: 3] = digit_index;
                assign weight_indices[j*3 +: 3] = weight_skewed[j*WEIGHT_LANE+WEIGHT_BITS +: 3];
            end else begin : plain
                assign weight_indices[j*3 +: 3] = 3'd0;
            end
        end
    endgenerate

    edge_skew #(.LANES(ROWS), .WIDTH(ACT_LANE)) left (.clock(clock), .reset(reset), .in(act_lanes), .out(act_skewed));
    edge_skew #(.LANES(COLUMNS), .WIDTH(WEIGHT_LANE)) top (
        .clock(clock), .reset(reset), .in(weight_lanes), .out(weight_skewed));

    wire [COLUMNS*SUM_BITS-1:0] bottom;
    array_pes #(.ROWS(ROWS), .COLUMNS(COLUMNS), .PE(PE), .WEIGHT_STATIONARY(WEIGHT_STATIONARY),
                .SUM_BITS(SUM_BITS)) pes (
        .clock(clock), .reset(reset),
        .act_family(act_family), .act_is_signed(act_is_signed), .act_bits(act_bits),
        .weight_family(weight_family), .weight_is_signed(weight_is_signed), .weight_bits(weight_bits),
        .fuse_rows(fuse_rows), .fuse_columns(fuse_columns), .acts(acts), .act_indices(act_indices),
        .weights(weights), .weight_indices(weight_indices), .loads(loads), .drain(drain), .bottom(bottom));

    // --- out: skew undone, a fused pair's sum in the lane of the effective column ---

    wire [COLUMNS*SUM_BITS-1:0] aligned;
    generate
        if (WEIGHT_STATIONARY) begin : stationary
            edge_deskew #(.COLUMNS(COLUMNS), .WIDTH(SUM_BITS)) deskew (
                .clock(clock), .reset(reset), .is_fused(fuse_columns), .in(bottom), .out(aligned));
        end else begin : drained
            assign aligned = bottom;
        end
        for (j = 0; j < COLUMNS; j = j + 1) begin : lane
            assign sums[j*SUM_BITS +: SUM_BITS] =
                fuse_columns && 2*j < COLUMNS ? aligned[(2*j)%COLUMNS*SUM_BITS +: SUM_BITS]
                                              : aligned[j*SUM_BITS +: SUM_BITS];
        end
    endgenerate
endmodule
/* verilator lint_on UNUSEDSIGNAL */
