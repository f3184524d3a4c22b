// Runs a MATMUL, M x K by K x N, over the array fold by fold (docs/machine.md, section Array): column blocks outer, row
// blocks inner, and of each fold
//
//     preload   R clocks               weight-stationary: its weights, the bottom row's first
//     stream    steps * clocks         operands enter, a step every `clocks` clocks
//     fill      R - 1 + C - 1 clocks   the wavefront runs out
//     drain     R clocks               output-stationary: its sums, the bottom row's first
//
// R x C is the effective array. Rows hold pixels, a step is one of K (output-stationary), or rows hold the reduction, a
// step is a pixel (weight-stationary). A `start` while idle begins in the next clock; `done` is high in the last one.
// The inputs must not change in between; m, k, n and clocks are at least 1.
module array_control #(
    parameter [0:0] WEIGHT_STATIONARY = 0,
    parameter SIZE_BITS = 16
) (
    input  wire                 clock,
    input  wire                 reset,
    input  wire                 start,
    input  wire [SIZE_BITS-1:0] m,
    input  wire [SIZE_BITS-1:0] k,
    input  wire [SIZE_BITS-1:0] n,
    input  wire [2:0]           clocks,     // of a multiply-accumulate
    input  wire [SIZE_BITS-1:0] rows,       // R
    input  wire [SIZE_BITS-1:0] columns,    // C
    output wire                 preload,
    output wire                 stream,
    output wire                 fill,
    output wire                 drain,
    output wire                 done,
    output wire [SIZE_BITS-1:0] rows_used,    // r
    output wire [SIZE_BITS-1:0] columns_used, // c
    output reg  [SIZE_BITS-1:0] first_row,    // of the fold, in M or K
    output reg  [SIZE_BITS-1:0] first_column, // in N
    output reg  [SIZE_BITS-1:0] step,         // of the operands that enter
    output reg  [2:0]           digit,
    output reg  [SIZE_BITS-1:0] left,         // clocks left in preload, fill, drain: the array row served
    output wire                 leaves,       // weight-stationary: a wave of sums leaves the array
    output reg  [SIZE_BITS-1:0] step_leaving, // and which
    output reg  [2:0]           digit_leaving
);
    localparam IDLE = 3'd0, PRELOAD = 3'd1, STREAM = 3'd2, FILL = 3'd3, DRAIN = 3'd4;
    localparam FOLD_BEGINS = WEIGHT_STATIONARY ? PRELOAD : STREAM;
    localparam [SIZE_BITS-1:0] ZERO = 0, ONE = 1;

    reg [2:0] phase;
    assign preload = phase == PRELOAD;
    assign stream = phase == STREAM;
    assign fill = phase == FILL;
    assign drain = phase == DRAIN;

    // --- the work ---

    wire [SIZE_BITS-1:0] all_rows = WEIGHT_STATIONARY ? k : m;
    wire [SIZE_BITS-1:0] steps = WEIGHT_STATIONARY ? m : k;
    wire [SIZE_BITS-1:0] rows_left = all_rows - first_row;
    wire [SIZE_BITS-1:0] columns_left = n - first_column;
    wire [SIZE_BITS-1:0] skew = rows + columns - 2 * ONE;
    wire is_last_row_block = rows_left <= rows;
    wire is_last_column_block = columns_left <= columns;

    assign rows_used = is_last_row_block ? rows_left : rows;
    assign columns_used = is_last_column_block ? columns_left : columns;

    // --- phases ---

    wire is_last_digit = digit == clocks - 3'd1;
    wire is_last_step = step == steps - ONE;
    wire phase_ends = stream ? is_last_step && is_last_digit : left == ZERO;
    wire wavefront_ends = phase_ends && (fill || (stream && skew == ZERO));
    wire fold_ends = WEIGHT_STATIONARY ? wavefront_ends : phase_ends && drain;

    assign done = fold_ends && is_last_row_block && is_last_column_block;

    reg [2:0] next_phase;
    always @*
        if (phase == IDLE)
            next_phase = start ? FOLD_BEGINS : IDLE;
        else if (done)
            next_phase = IDLE;
        else if (fold_ends)
            next_phase = FOLD_BEGINS;
        else if (wavefront_ends)
            next_phase = DRAIN;
        else if (phase_ends)
            next_phase = stream ? FILL : STREAM;
        else
            next_phase = phase;

    always @(posedge clock)
        if (reset) begin
            phase <= IDLE;
            left <= ZERO;
        end else begin
            phase <= next_phase;
            if (phase != next_phase || fold_ends)
                left <= next_phase == FILL ? skew - ONE : rows - ONE;
            else if (left != ZERO)
                left <= left - ONE;
        end

    always @(posedge clock)
        if (phase == IDLE) begin
            first_row <= ZERO;
            first_column <= ZERO;
        end else if (fold_ends) begin
            first_row <= is_last_row_block ? ZERO : first_row + rows;
            if (is_last_row_block)
                first_column <= first_column + columns;
        end

    // --- steps, as they enter and as they leave `skew` clocks later ---

    always @(posedge clock)
        if (!stream) begin
            step <= ZERO;
            digit <= 3'd0;
        end else begin
            digit <= is_last_digit ? 3'd0 : digit + 3'd1;
            if (is_last_digit)
                step <= is_last_step ? ZERO : step + ONE;
        end

    reg [SIZE_BITS-1:0] wavefront_left;
    wire is_last_digit_leaving = digit_leaving == clocks - 3'd1;
    assign leaves = WEIGHT_STATIONARY && (stream || fill) && wavefront_left == ZERO;

    always @(posedge clock)
        if (!stream && !fill) begin
            wavefront_left <= skew;
            step_leaving <= ZERO;
            digit_leaving <= 3'd0;
        end else if (leaves) begin
            digit_leaving <= is_last_digit_leaving ? 3'd0 : digit_leaving + 3'd1;
            if (is_last_digit_leaving)
                step_leaving <= step_leaving + ONE;
        end else begin
            wavefront_left <= wavefront_left - ONE;
        end
endmodule
