// One PE int8x2 in the array, which is output-stationary: two rows of output pixels, whose weight has one register. Sums
// leave row by row, the lower one first.
module cell_int8x2 #(
    parameter SUM_BITS = 32,
    parameter [0:0] PACKED = 0 // as in multiply_int8x2
) (
    input  wire                       clock,
    input  wire                       reset,
    input  wire                       drain,
    input  wire        [17:0]         acts_in, // {lower row, upper row}
    input  wire signed [8:0]          weight_in,
    input  wire signed [SUM_BITS-1:0] sum_in,
    output wire        [17:0]         acts_out,
    output wire signed [8:0]          weight_out,
    output wire signed [SUM_BITS-1:0] sum_out
);
    wire signed [8:0] weight;
    wire signed [SUM_BITS-1:0] upper_sum, lower_sum, upper_result, lower_result;
    /* verilator lint_off UNUSEDSIGNAL */ // the upper sum leaves by the lower one's register
    wire        [2*SUM_BITS-1:0] drained;
    /* verilator lint_on UNUSEDSIGNAL */

    cell_registers #(.WEIGHT_STATIONARY(0), .ACT_WIDTH(18), .WEIGHT_WIDTH(9), .SUM_BITS(2 * SUM_BITS)) registers (
        .clock(clock), .reset(reset), .load_weight(1'b0), .drain(drain),
        .act_in(acts_in), .weight_in(weight_in), .sum_in({upper_sum, sum_in}), .result({lower_result, upper_result}),
        .act_out(acts_out), .weight_out(weight_out), .sum_out(drained), .weight(weight), .sum({lower_sum, upper_sum}));
    multiply_int8x2 #(.SUM_BITS(SUM_BITS), .PACKED(PACKED)) multiply (
        .act_0(acts_in[8:0]), .act_1(acts_in[17:9]), .weight(weight), .sum_in_0(upper_sum), .sum_in_1(lower_sum),
        .sum_out_0(upper_result), .sum_out_1(lower_result));
    assign sum_out = drained[2*SUM_BITS-1:SUM_BITS];
endmodule
