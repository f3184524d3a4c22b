// The grid of PEs msd. Weights are digits {is_zero, is_negative, shift[3:0]} in an output-stationary array, else
// codes, with the index of the digit beside each activation.
/* verilator lint_off UNUSEDSIGNAL */ // ports of the other dataflow, and the last links
module array_msd #(
    parameter ROWS = 4,
    parameter COLUMNS = 4,
    parameter [0:0] WEIGHT_STATIONARY = 0,
    parameter SUM_BITS = 32,
    parameter ACT_WIDTH = WEIGHT_STATIONARY ? 12 : 9,
    parameter WEIGHT_WIDTH = WEIGHT_STATIONARY ? 16 : 6
) (
    input  wire                            clock,
    input  wire                            reset,
    input  wire [COLUMNS-1:0]              load_weight,
    input  wire                            drain,
    input  wire                            is_rsd,
    input  wire                            is_single,
    input  wire                            is_signed,
    input  wire [ROWS*ACT_WIDTH-1:0]       acts,
    input  wire [COLUMNS*WEIGHT_WIDTH-1:0] weights,
    output wire [COLUMNS*SUM_BITS-1:0]     sums
);
    wire [ROWS*(COLUMNS+1)*ACT_WIDTH-1:0] act_links /*verilator split_var*/;
    wire [(ROWS+1)*COLUMNS*WEIGHT_WIDTH-1:0] weight_links /*verilator split_var*/;
    wire [(ROWS+1)*COLUMNS*SUM_BITS-1:0] sum_links /*verilator split_var*/;

    assign weight_links[COLUMNS*WEIGHT_WIDTH-1:0] = weights;
    assign sum_links[COLUMNS*SUM_BITS-1:0] = {COLUMNS*SUM_BITS{1'b0}};
    assign sums = sum_links[ROWS*COLUMNS*SUM_BITS +: COLUMNS*SUM_BITS];
    genvar i, j;
    generate
        for (i = 0; i < ROWS; i = i + 1) begin : row
            assign act_links[i*(COLUMNS+1)*ACT_WIDTH +: ACT_WIDTH] = acts[i*ACT_WIDTH +: ACT_WIDTH];
            for (j = 0; j < COLUMNS; j = j + 1) begin : column
                if (WEIGHT_STATIONARY) begin : stationary
                    cell_msd_ws #(.SUM_BITS(SUM_BITS)) pe (
                        .clock(clock), .reset(reset), .load_weight(load_weight[j]),
                        .is_rsd(is_rsd), .is_single(is_single), .is_signed(is_signed),
                        .act_in(act_links[(i*(COLUMNS+1)+j)*ACT_WIDTH +: ACT_WIDTH]),
                        .act_out(act_links[(i*(COLUMNS+1)+j+1)*ACT_WIDTH +: ACT_WIDTH]),
                        .weight_in(weight_links[(i*COLUMNS+j)*WEIGHT_WIDTH +: WEIGHT_WIDTH]),
                        .weight_out(weight_links[((i+1)*COLUMNS+j)*WEIGHT_WIDTH +: WEIGHT_WIDTH]),
                        .sum_in(sum_links[(i*COLUMNS+j)*SUM_BITS +: SUM_BITS]),
                        .sum_out(sum_links[((i+1)*COLUMNS+j)*SUM_BITS +: SUM_BITS]));
                end else begin : streaming
                    cell_msd_os #(.SUM_BITS(SUM_BITS)) pe (
                        .clock(clock), .reset(reset), .drain(drain),
                        .act_in(act_links[(i*(COLUMNS+1)+j)*ACT_WIDTH +: ACT_WIDTH]),
                        .act_out(act_links[(i*(COLUMNS+1)+j+1)*ACT_WIDTH +: ACT_WIDTH]),
                        .digit_in(weight_links[(i*COLUMNS+j)*WEIGHT_WIDTH +: WEIGHT_WIDTH]),
                        .digit_out(weight_links[((i+1)*COLUMNS+j)*WEIGHT_WIDTH +: WEIGHT_WIDTH]),
                        .sum_in(sum_links[(i*COLUMNS+j)*SUM_BITS +: SUM_BITS]),
                        .sum_out(sum_links[((i+1)*COLUMNS+j)*SUM_BITS +: SUM_BITS]));
                end
            end
        end
    endgenerate
endmodule
/* verilator lint_on UNUSEDSIGNAL */
