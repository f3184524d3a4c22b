// One 4-bit PE ant in the array. Where PEs are fused it adds its product to that of the PE before it in the group
// (`chain_in`), and `result`, the sum of the whole group, comes from the group's last PE.
//
//     operand  {shift[4:0], signed mult[4:0]}
//
// With OUTLIERS a PE that is told so takes the product of another one for its own (cell_olaccel_4x4).
module cell_ant #(
    parameter [0:0] WEIGHT_STATIONARY = 0,
    parameter SUM_BITS = 32,
    parameter [0:0] OUTLIERS = 0
) (
    input  wire                       clock,
    input  wire                       reset,
    input  wire                       load_weight,
    input  wire                       drain,
    input  wire                       is_chained,
    input  wire [9:0]                 act_in,
    input  wire [9:0]                 weight_in,
    input  wire signed [SUM_BITS-1:0] sum_in,
    input  wire signed [SUM_BITS-1:0] chain_in,
    input  wire signed [SUM_BITS-1:0] result,
    /* verilator lint_off UNUSEDSIGNAL */
    input  wire                       takes_outlier,
    input  wire signed [17:0]         outlier,
    /* verilator lint_on UNUSEDSIGNAL */
    output wire [9:0]                 act_out,
    output wire [9:0]                 weight_out,
    output wire signed [SUM_BITS-1:0] sum_out,
    output wire signed [SUM_BITS-1:0] chain_out
);
    wire [9:0] weight;
    wire signed [SUM_BITS-1:0] sum;
    wire [5:0] shift = {1'b0, act_in[9:5]} + {1'b0, weight[9:5]};

    cell_registers #(.WEIGHT_STATIONARY(WEIGHT_STATIONARY), .ACT_WIDTH(10), .WEIGHT_WIDTH(10),
                     .SUM_BITS(SUM_BITS)) registers (
        .clock(clock), .reset(reset), .load_weight(load_weight), .drain(drain),
        .act_in(act_in), .weight_in(weight_in), .sum_in(sum_in), .result(result),
        .act_out(act_out), .weight_out(weight_out), .sum_out(sum_out), .weight(weight), .sum(sum));
    generate
        if (OUTLIERS) begin : outliers
            wire signed [SUM_BITS-1:0] product;
            multiply_ant #(.SUM_BITS(SUM_BITS)) multiply (
                .act(act_in[4:0]), .weight(weight[4:0]), .shift(shift), .sum_in({SUM_BITS{1'b0}}), .sum_out(product));
            assign chain_out = (is_chained ? chain_in : sum) +
                               (takes_outlier ? {{(SUM_BITS - 18){outlier[17]}}, outlier} : product);
        end else begin : no_outliers
            multiply_ant #(.SUM_BITS(SUM_BITS)) multiply (
                .act(act_in[4:0]), .weight(weight[4:0]), .shift(shift),
                .sum_in(is_chained ? chain_in : sum), .sum_out(chain_out));
        end
    endgenerate
endmodule
