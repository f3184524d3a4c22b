// One PE msd in a weight-stationary array: it keeps the weight's code; the index of the digit to work on comes with the
// activation, so that the digits of a product travel down as waves of their own.
module cell_msd_ws #(
    parameter SUM_BITS = 32
) (
    input  wire                       clock,
    input  wire                       reset,
    input  wire                       load_weight,
    input  wire                       is_rsd,
    input  wire                       is_single,
    input  wire                       is_signed,
    input  wire [11:0]                act_in, // {index[2:0], signed mult[8:0]}
    input  wire [15:0]                weight_in,
    input  wire signed [SUM_BITS-1:0] sum_in,
    output wire [11:0]                act_out,
    output wire [15:0]                weight_out,
    output wire signed [SUM_BITS-1:0] sum_out
);
    wire [15:0] weight;
    wire [5:0] digit;
    wire signed [SUM_BITS-1:0] sum, result;

    cell_registers #(.WEIGHT_STATIONARY(1), .ACT_WIDTH(12), .WEIGHT_WIDTH(16), .SUM_BITS(SUM_BITS)) registers (
        .clock(clock), .reset(reset), .load_weight(load_weight), .drain(1'b0),
        .act_in(act_in), .weight_in(weight_in), .sum_in(sum_in), .result(result),
        .act_out(act_out), .weight_out(weight_out), .sum_out(sum_out), .weight(weight), .sum(sum));
    weight_digit recoder (.code(weight), .is_rsd(is_rsd), .is_single(is_single), .is_signed(is_signed),
                          .index(act_in[11:9]), .digit(digit));
    multiply_msd #(.SUM_BITS(SUM_BITS)) multiply (
        .act(act_in[8:0]), .digit(digit), .sum_in(sum), .sum_out(result));
endmodule
