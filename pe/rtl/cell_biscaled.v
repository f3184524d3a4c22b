// One PE biscaled in the array. An operand is {is_wide, signed mult[6:0]}; what the wide ones are shifted by is that of the
// tensor, 1 to 4, and the same for all PEs.
module cell_biscaled #(
    parameter [0:0] WEIGHT_STATIONARY = 0,
    parameter SUM_BITS = 32
) (
    input  wire                       clock,
    input  wire                       reset,
    input  wire                       load_weight,
    input  wire                       drain,
    input  wire [2:0]                 act_scale,
    input  wire [2:0]                 weight_scale,
    input  wire [7:0]                 act_in,
    input  wire [7:0]                 weight_in,
    input  wire signed [SUM_BITS-1:0] sum_in,
    output wire [7:0]                 act_out,
    output wire [7:0]                 weight_out,
    output wire signed [SUM_BITS-1:0] sum_out
);
    wire [7:0] weight;
    wire signed [SUM_BITS-1:0] sum, result;
    wire [2:0] act_shift = act_in[7] ? act_scale : 3'd0;
    wire [2:0] weight_shift = weight[7] ? weight_scale : 3'd0;

    cell_registers #(.WEIGHT_STATIONARY(WEIGHT_STATIONARY), .ACT_WIDTH(8), .WEIGHT_WIDTH(8),
                     .SUM_BITS(SUM_BITS)) registers (
        .clock(clock), .reset(reset), .load_weight(load_weight), .drain(drain),
        .act_in(act_in), .weight_in(weight_in), .sum_in(sum_in), .result(result),
        .act_out(act_out), .weight_out(weight_out), .sum_out(sum_out), .weight(weight), .sum(sum));
    multiply_biscaled #(.SUM_BITS(SUM_BITS)) multiply (
        .act(act_in[6:0]), .weight(weight[6:0]), .shift({1'b0, act_shift} + {1'b0, weight_shift}),
        .sum_in(sum), .sum_out(result));
endmodule
