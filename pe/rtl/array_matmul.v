// Array and controller: a MATMUL on operand memories outside. Memories are read in the clock in which they are asked,
// and written at its end. docs/rtl.md explains the ports and the memories.
//
//     act lane i     act[act_m + i][act_k] (output-stationary), act[act_m][act_k + i] (weight-stationary)
//     weight lane j  weight[weight_k][weight_n + j]
//     sum lane j     sum[sum_m][sum_n + j]
//
// of which the lowest *_count lanes are asked for. PE: 0 int8, 1 ant, 2 msd.
module array_matmul #(
    parameter ROWS = 6,
    parameter COLUMNS = 4,
    parameter PE = 0,
    parameter [0:0] WEIGHT_STATIONARY = 0,
    parameter SUM_BITS = 32,
    parameter SIZE_BITS = 16
) (
    input  wire                        clock,
    input  wire                        reset,
    // a task; must not change from `start` to `done`
    input  wire                        start,
    input  wire [SIZE_BITS-1:0]        m,
    input  wire [SIZE_BITS-1:0]        k,
    input  wire [SIZE_BITS-1:0]        n,
    input  wire                        accumulate,
    input  wire [1:0]                  act_family, // 0 int, 1 flint, 2 pot
    input  wire                        act_is_signed,
    input  wire [4:0]                  act_bits, // that a code takes
    input  wire [1:0]                  weight_family, // 0 int, 1 flint, 2 pot, 3 rsd
    input  wire                        weight_is_signed,
    input  wire [4:0]                  weight_bits, // that a code takes: of rsd_eb1 to rsd_eb4 5, 8, 12, 16
    // where it is
    output wire                        busy,
    output wire                        done,
    output wire                        preload,
    output wire                        stream,
    output wire                        fill,
    output wire                        drain,
    // memories
    output wire                        act_read,
    output wire [SIZE_BITS-1:0]        act_m,
    output wire [SIZE_BITS-1:0]        act_k,
    output wire [SIZE_BITS-1:0]        act_count,
    input  wire [ROWS*8-1:0]           act_codes,
    output wire                        weight_read,
    output wire [SIZE_BITS-1:0]        weight_k,
    output wire [SIZE_BITS-1:0]        weight_n,
    output wire [SIZE_BITS-1:0]        weight_count,
    input  wire [COLUMNS*16-1:0]       weight_codes,
    output wire                        sum_read,
    output wire                        sum_write,
    output wire [SIZE_BITS-1:0]        sum_m,
    output wire [SIZE_BITS-1:0]        sum_n,
    output wire [SIZE_BITS-1:0]        sum_count,
    input  wire [COLUMNS*SUM_BITS-1:0] old_sums,
    output wire [COLUMNS*SUM_BITS-1:0] new_sums
);
    localparam ANT = 1, MSD = 2;
    localparam [1:0] RSD = 2'd3;
    localparam HALF_ROWS = ROWS / 2, HALF_COLUMNS = COLUMNS / 2;

    // --- what the formats make of the array ---

    wire fuse_rows = PE == ANT && act_bits > 5'd4;
    wire fuse_columns = PE == ANT && weight_bits > 5'd4;
    wire [SIZE_BITS-1:0] rows = fuse_rows ? HALF_ROWS[SIZE_BITS-1:0] : ROWS[SIZE_BITS-1:0];
    wire [SIZE_BITS-1:0] columns = fuse_columns ? HALF_COLUMNS[SIZE_BITS-1:0] : COLUMNS[SIZE_BITS-1:0];
    wire [2:0] booth_digits = weight_bits[3:1] + {2'd0, !weight_is_signed || weight_bits[0]}; // pe/booth.c
    wire [2:0] digits = weight_family == RSD ? weight_bits[4:2] : booth_digits;
    wire [2:0] clocks = PE == MSD ? digits : 3'd1;

    // --- control ---

    wire [SIZE_BITS-1:0] rows_used, columns_used, first_row, first_column, step, left, step_leaving;
    wire [2:0] digit, digit_leaving;
    wire leaves;
    array_control #(.WEIGHT_STATIONARY(WEIGHT_STATIONARY), .SIZE_BITS(SIZE_BITS)) control (
        .clock(clock), .reset(reset), .start(start), .m(m), .k(k), .n(n), .clocks(clocks),
        .rows(rows), .columns(columns), .preload(preload), .stream(stream), .fill(fill), .drain(drain), .done(done),
        .rows_used(rows_used), .columns_used(columns_used), .first_row(first_row), .first_column(first_column),
        .step(step), .digit(digit), .left(left),
        .leaves(leaves), .step_leaving(step_leaving), .digit_leaving(digit_leaving));
    assign busy = preload || stream || fill || drain;

    // --- memories ---

    wire is_row_used = left < rows_used; // the row that is preloaded or drained
    assign act_read = stream;
    assign act_m = WEIGHT_STATIONARY ? step : first_row;
    assign act_k = WEIGHT_STATIONARY ? first_row : step;
    assign act_count = rows_used;
    assign weight_read = WEIGHT_STATIONARY ? preload && is_row_used : stream;
    assign weight_k = WEIGHT_STATIONARY ? first_row + left : step;
    assign weight_n = first_column;
    assign weight_count = columns_used;

    wire adds = accumulate || (WEIGHT_STATIONARY && first_row != 0);
    wire is_first_wave = !WEIGHT_STATIONARY || digit_leaving == 3'd0;
    wire is_last_wave = digit_leaving == clocks - 3'd1;
    wire sum_valid = WEIGHT_STATIONARY ? leaves : drain && is_row_used;
    assign sum_read = sum_valid && is_first_wave && adds;
    assign sum_write = sum_valid && (!WEIGHT_STATIONARY || is_last_wave);
    assign sum_m = WEIGHT_STATIONARY ? step_leaving : first_row + left;
    assign sum_n = first_column;
    assign sum_count = columns_used;

    // --- operands, zeros where there is no work ---

    wire [ROWS*8-1:0] acts;
    wire [COLUMNS*16-1:0] weights;
    genvar i, j;
    generate
        for (i = 0; i < ROWS; i = i + 1) begin : row
            assign acts[i*8 +: 8] = act_read && i < act_count ? act_codes[i*8 +: 8] : 8'd0;
        end
        for (j = 0; j < COLUMNS; j = j + 1) begin : column
            assign weights[j*16 +: 16] = weight_read && j < weight_count ? weight_codes[j*16 +: 16] : 16'd0;
        end
    endgenerate

    wire [COLUMNS*SUM_BITS-1:0] sums;
    array #(.ROWS(ROWS), .COLUMNS(COLUMNS), .PE(PE), .WEIGHT_STATIONARY(WEIGHT_STATIONARY),
            .SUM_BITS(SUM_BITS)) datapath (
        .clock(clock), .reset(reset),
        .act_family(act_family), .act_is_signed(act_is_signed), .act_bits(act_bits),
        .weight_family(weight_family), .weight_is_signed(weight_is_signed), .weight_bits(weight_bits),
        .fuse_rows(fuse_rows), .fuse_columns(fuse_columns), .act_codes(acts), .weight_codes(weights),
        .digit_index(digit), .load_weight(preload), .drain(drain), .sums(sums));
    edge_sums #(.LANES(COLUMNS), .SUM_BITS(SUM_BITS)) bottom (
        .clock(clock), .is_first(is_first_wave), .adds(adds), .old_sums(old_sums), .waves(sums), .new_sums(new_sums));
endmodule
