// The cell of PE int8x2 with two multipliers and with one that packs both products, at two widths of the sums.
module top_cell_int8x2 (
    input  wire               clock,
    input  wire               reset,
    input  wire               drain,
    input  wire        [17:0] acts,
    input  wire signed [8:0]  weight,
    input  wire signed [31:0] sum_in,
    output wire        [17:0] acts_out,
    output wire signed [8:0]  weight_out,
    output wire signed [23:0] sum_24,
    output wire signed [31:0] sum_32,
    output wire signed [31:0] packed_sum
);
    /* verilator lint_off PINCONNECTEMPTY */
    cell_int8x2 #(.SUM_BITS(24)) cell_24 (
        .clock(clock), .reset(reset), .drain(drain), .acts_in(acts), .weight_in(weight), .sum_in(sum_in[23:0]),
        .acts_out(), .weight_out(), .sum_out(sum_24));
    cell_int8x2 #(.SUM_BITS(32)) cell_32 (
        .clock(clock), .reset(reset), .drain(drain), .acts_in(acts), .weight_in(weight), .sum_in(sum_in),
        .acts_out(acts_out), .weight_out(weight_out), .sum_out(sum_32));
    cell_int8x2 #(.SUM_BITS(32), .PACKED(1)) cell_packed (
        .clock(clock), .reset(reset), .drain(drain), .acts_in(acts), .weight_in(weight), .sum_in(sum_in),
        .acts_out(), .weight_out(), .sum_out(packed_sum));
    /* verilator lint_on PINCONNECTEMPTY */
endmodule
