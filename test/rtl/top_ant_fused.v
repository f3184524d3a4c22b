// Fused PEs of ANT: `next` is what multiply_ant_fused makes of `sum_in`, at three widths of the sum; `sum` is the
// register of pe_ant_fused, at two.
module top_ant_fused (
    input  wire               clock,
    input  wire               clear,
    input  wire               enable,
    input  wire signed [8:0]  act,
    input  wire        [4:0]  act_shift,
    input  wire               act_is_wide,
    input  wire signed [8:0]  weight,
    input  wire        [4:0]  weight_shift,
    input  wire               weight_is_wide,
    input  wire signed [31:0] sum_in,
    output wire signed [10:0] next_11,
    output wire signed [19:0] next_20,
    output wire signed [31:0] next_32,
    output wire signed [19:0] sum_20,
    output wire signed [31:0] sum_32
);
    multiply_ant_fused #(.SUM_BITS(11)) multiply_11 (
        .act(act), .act_shift(act_shift), .act_is_wide(act_is_wide),
        .weight(weight), .weight_shift(weight_shift), .weight_is_wide(weight_is_wide),
        .sum_in(sum_in[10:0]), .sum_out(next_11));
    multiply_ant_fused #(.SUM_BITS(20)) multiply_20 (
        .act(act), .act_shift(act_shift), .act_is_wide(act_is_wide),
        .weight(weight), .weight_shift(weight_shift), .weight_is_wide(weight_is_wide),
        .sum_in(sum_in[19:0]), .sum_out(next_20));
    multiply_ant_fused #(.SUM_BITS(32)) multiply_32 (
        .act(act), .act_shift(act_shift), .act_is_wide(act_is_wide),
        .weight(weight), .weight_shift(weight_shift), .weight_is_wide(weight_is_wide),
        .sum_in(sum_in), .sum_out(next_32));
    pe_ant_fused #(.SUM_BITS(20)) pe_20 (
        .clock(clock), .clear(clear), .enable(enable),
        .act(act), .act_shift(act_shift), .act_is_wide(act_is_wide),
        .weight(weight), .weight_shift(weight_shift), .weight_is_wide(weight_is_wide), .sum(sum_20));
    pe_ant_fused #(.SUM_BITS(32)) pe_32 (
        .clock(clock), .clear(clear), .enable(enable),
        .act(act), .act_shift(act_shift), .act_is_wide(act_is_wide),
        .weight(weight), .weight_shift(weight_shift), .weight_is_wide(weight_is_wide), .sum(sum_32));
endmodule
