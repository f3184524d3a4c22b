// The cell of PE biscaled, output-stationary, at two widths of the sum.
module top_cell_biscaled (
    input  wire               clock,
    input  wire               reset,
    input  wire               drain,
    input  wire        [2:0]  act_scale,
    input  wire        [2:0]  weight_scale,
    input  wire        [7:0]  act,
    input  wire        [7:0]  weight,
    input  wire signed [31:0] sum_in,
    output wire        [7:0]  act_out,
    output wire        [7:0]  weight_out,
    output wire signed [23:0] sum_24,
    output wire signed [31:0] sum_32
);
    /* verilator lint_off PINCONNECTEMPTY */
    cell_biscaled #(.SUM_BITS(24)) cell_24 (
        .clock(clock), .reset(reset), .load_weight(1'b0), .drain(drain), .act_scale(act_scale),
        .weight_scale(weight_scale), .act_in(act), .weight_in(weight),
        .sum_in(sum_in[23:0]), .act_out(), .weight_out(), .sum_out(sum_24));
    /* verilator lint_on PINCONNECTEMPTY */
    cell_biscaled #(.SUM_BITS(32)) cell_32 (
        .clock(clock), .reset(reset), .load_weight(1'b0), .drain(drain), .act_scale(act_scale),
        .weight_scale(weight_scale), .act_in(act), .weight_in(weight),
        .sum_in(sum_in), .act_out(act_out), .weight_out(weight_out), .sum_out(sum_32));
endmodule
