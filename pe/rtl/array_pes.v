// What stands between the skewed edges of the array: the decoders of a PE, and its grid. PE: 0 int8, 1 ant, 2 msd.
/* verilator lint_off UNUSEDSIGNAL */ // the ports are those of all PEs; a build is of one
module array_pes #(
    parameter ROWS = 4,
    parameter COLUMNS = 4,
    parameter PE = 0,
    parameter [0:0] WEIGHT_STATIONARY = 0,
    parameter SUM_BITS = 32,
    parameter WEIGHT_BITS = PE == 2 ? 16 : 8
) (
    input  wire                           clock,
    input  wire                           reset,
    input  wire [1:0]                     act_family,
    input  wire                           act_is_signed,
    input  wire [4:0]                     act_bits,
    input  wire [1:0]                     weight_family,
    input  wire                           weight_is_signed,
    input  wire [4:0]                     weight_bits,
    input  wire                           fuse_rows,
    input  wire                           fuse_columns,
    input  wire [ROWS*8-1:0]              acts,
    input  wire [ROWS*3-1:0]              act_indices,    // of digits: msd, weight-stationary
    input  wire [COLUMNS*WEIGHT_BITS-1:0] weights,
    input  wire [COLUMNS*3-1:0]           weight_indices, // of digits: msd, output-stationary
    input  wire [COLUMNS-1:0]             loads,
    input  wire                           drain,
    output wire [COLUMNS*SUM_BITS-1:0]    bottom
);
    localparam ANT = 1, MSD = 2;
    genvar i;
    generate
        if (PE == ANT) begin : ant
            wire [ROWS*10-1:0] act_operands;
            wire [COLUMNS*10-1:0] weight_operands;

            edge_ant #(.LANES(ROWS)) act_edge (
                .codes(acts), .family(act_family), .is_signed(act_is_signed), .is_wide(fuse_rows),
                .operands(act_operands));
            edge_ant #(.LANES(COLUMNS)) weight_edge (
                .codes(weights), .family(weight_family), .is_signed(weight_is_signed), .is_wide(fuse_columns),
                .operands(weight_operands));
            array_ant #(.ROWS(ROWS), .COLUMNS(COLUMNS), .WEIGHT_STATIONARY(WEIGHT_STATIONARY),
                        .SUM_BITS(SUM_BITS)) grid (
                .clock(clock), .reset(reset), .load_weight(loads), .drain(drain),
                .fuse_rows(fuse_rows), .fuse_columns(fuse_columns),
                .acts(act_operands), .weights(weight_operands), .sums(bottom));
        end else begin : integers
            wire [ROWS*9-1:0] act_operands;

            edge_int #(.LANES(ROWS)) act_edge (
                .codes(acts), .is_signed(act_is_signed), .bits(act_bits), .mults(act_operands));
            if (PE == MSD) begin : msd
                wire [COLUMNS*16-1:0] codes;
                wire [COLUMNS*6-1:0] digits;
                wire is_rsd = weight_family == 2'd3;

                edge_msd #(.LANES(COLUMNS)) weight_edge (
                    .codes(weights), .indices(weight_indices), .is_rsd(is_rsd),
                    .is_signed(weight_is_signed), .bits(weight_bits), .weights(codes), .digits(digits));
                if (WEIGHT_STATIONARY) begin : stationary
                    wire [ROWS*12-1:0] indexed;
                    for (i = 0; i < ROWS; i = i + 1) begin : row
                        assign indexed[i*12 +: 12] = {act_indices[i*3 +: 3], act_operands[i*9 +: 9]};
                    end
                    array_msd #(.ROWS(ROWS), .COLUMNS(COLUMNS), .WEIGHT_STATIONARY(1), .SUM_BITS(SUM_BITS)) grid (
                        .clock(clock), .reset(reset), .load_weight(loads), .drain(1'b0),
                        .is_rsd(is_rsd), .is_single(weight_bits == 5'd5), .is_signed(weight_is_signed),
                        .acts(indexed), .weights(codes), .sums(bottom));
                end else begin : streaming
                    array_msd #(.ROWS(ROWS), .COLUMNS(COLUMNS), .WEIGHT_STATIONARY(0), .SUM_BITS(SUM_BITS)) grid (
                        .clock(clock), .reset(reset), .load_weight({COLUMNS{1'b0}}), .drain(drain),
                        .is_rsd(1'b0), .is_single(1'b0), .is_signed(1'b0),
                        .acts(act_operands), .weights(digits), .sums(bottom));
                end
            end else begin : int8
                wire [COLUMNS*9-1:0] weight_operands;

                edge_int #(.LANES(COLUMNS)) weight_edge (
                    .codes(weights), .is_signed(weight_is_signed), .bits(weight_bits), .mults(weight_operands));
                array_int8 #(.ROWS(ROWS), .COLUMNS(COLUMNS), .WEIGHT_STATIONARY(WEIGHT_STATIONARY),
                             .SUM_BITS(SUM_BITS)) grid (
                    .clock(clock), .reset(reset), .load_weight(loads), .drain(drain),
                    .acts(act_operands), .weights(weight_operands), .sums(bottom));
            end
        end
    endgenerate
endmodule
/* verilator lint_on UNUSEDSIGNAL */
