// The grid of PEs int8. Row 0 is the top, column 0 the left; each line of the edges is a lane of the ports.
/* verilator lint_off UNUSEDSIGNAL */ // the last links
module array_int8 #(
    parameter ROWS = 4,
    parameter COLUMNS = 4,
    parameter [0:0] WEIGHT_STATIONARY = 0,
    parameter SUM_BITS = 32
) (
    input  wire                        clock,
    input  wire                        reset,
    input  wire [COLUMNS-1:0]          load_weight,
    input  wire                        drain,
    input  wire [ROWS*9-1:0]           acts,
    input  wire [COLUMNS*9-1:0]        weights,
    output wire [COLUMNS*SUM_BITS-1:0] sums
);
    wire [ROWS*(COLUMNS+1)*9-1:0] act_links /*verilator split_var*/;    // into (i, j): [i * (COLUMNS + 1) + j]
    wire [(ROWS+1)*COLUMNS*9-1:0] weight_links /*verilator split_var*/; // [i * COLUMNS + j]
    wire [(ROWS+1)*COLUMNS*SUM_BITS-1:0] sum_links /*verilator split_var*/;

    assign weight_links[COLUMNS*9-1:0] = weights;
    assign sum_links[COLUMNS*SUM_BITS-1:0] = {COLUMNS*SUM_BITS{1'b0}};
    assign sums = sum_links[ROWS*COLUMNS*SUM_BITS +: COLUMNS*SUM_BITS];
    genvar i, j;
    generate
        for (i = 0; i < ROWS; i = i + 1) begin : row
            assign act_links[i*(COLUMNS+1)*9 +: 9] = acts[i*9 +: 9];
            for (j = 0; j < COLUMNS; j = j + 1) begin : column
                cell_int8 #(.WEIGHT_STATIONARY(WEIGHT_STATIONARY), .SUM_BITS(SUM_BITS)) pe (
                    .clock(clock), .reset(reset), .load_weight(load_weight[j]), .drain(drain),
                    .act_in(act_links[(i*(COLUMNS+1)+j)*9 +: 9]),
                    .act_out(act_links[(i*(COLUMNS+1)+j+1)*9 +: 9]),
                    .weight_in(weight_links[(i*COLUMNS+j)*9 +: 9]),
                    .weight_out(weight_links[((i+1)*COLUMNS+j)*9 +: 9]),
                    .sum_in(sum_links[(i*COLUMNS+j)*SUM_BITS +: SUM_BITS]),
                    .sum_out(sum_links[((i+1)*COLUMNS+j)*SUM_BITS +: SUM_BITS]));
            end
        end
    endgenerate
endmodule
/* verilator lint_on UNUSEDSIGNAL */
