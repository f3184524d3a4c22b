// One PE adafloat in the array. Operands are those of multiply_adafloat.
module cell_adafloat #(
    parameter [0:0] WEIGHT_STATIONARY = 0,
    parameter SUM_BITS = 32
) (
    input  wire                       clock,
    input  wire                       reset,
    input  wire                       load_weight,
    input  wire                       drain,
    input  wire [8:0]                 act_in,
    input  wire [8:0]                 weight_in,
    input  wire signed [SUM_BITS-1:0] sum_in,
    output wire [8:0]                 act_out,
    output wire [8:0]                 weight_out,
    output wire signed [SUM_BITS-1:0] sum_out
);
    wire [8:0] weight;
    wire signed [SUM_BITS-1:0] sum, result;

    cell_registers #(.WEIGHT_STATIONARY(WEIGHT_STATIONARY), .ACT_WIDTH(9), .WEIGHT_WIDTH(9),
                     .SUM_BITS(SUM_BITS)) registers (
        .clock(clock), .reset(reset), .load_weight(load_weight), .drain(drain),
        .act_in(act_in), .weight_in(weight_in), .sum_in(sum_in), .result(result),
        .act_out(act_out), .weight_out(weight_out), .sum_out(sum_out), .weight(weight), .sum(sum));
    multiply_adafloat #(.SUM_BITS(SUM_BITS)) multiply (
        .act(act_in), .weight(weight), .sum_in(sum), .sum_out(result));
endmodule
