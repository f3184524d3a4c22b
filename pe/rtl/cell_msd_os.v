// One PE msd in an output-stationary array: a digit a clock enters from the top, the activation is held for as long.
module cell_msd_os #(
    parameter SUM_BITS = 32
) (
    input  wire                       clock,
    input  wire                       reset,
    input  wire                       drain,
    input  wire signed [8:0]          act_in,
    input  wire [5:0]                 digit_in,
    input  wire signed [SUM_BITS-1:0] sum_in,
    output wire signed [8:0]          act_out,
    output wire [5:0]                 digit_out,
    output wire signed [SUM_BITS-1:0] sum_out
);
    wire [5:0] digit;
    wire signed [SUM_BITS-1:0] sum, result;

    cell_registers #(.WEIGHT_STATIONARY(0), .ACT_WIDTH(9), .WEIGHT_WIDTH(6), .SUM_BITS(SUM_BITS)) registers (
        .clock(clock), .reset(reset), .load_weight(1'b0), .drain(drain),
        .act_in(act_in), .weight_in(digit_in), .sum_in(sum_in), .result(result),
        .act_out(act_out), .weight_out(digit_out), .sum_out(sum_out), .weight(digit), .sum(sum));
    multiply_msd #(.SUM_BITS(SUM_BITS)) multiply (
        .act(act_in), .digit(digit), .sum_in(sum), .sum_out(result));
endmodule
