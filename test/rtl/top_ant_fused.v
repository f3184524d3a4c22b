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
    output wire signed [18:0] next_19,
    output wire signed [23:0] next_24,
    output wire signed [31:0] next_32,
    output wire signed [23:0] sum_24,
    output wire signed [31:0] sum_32
);
    multiply_ant_fused #(.SUM_BITS(19)) multiply_19 (
        .act(act), .act_shift(act_shift), .act_is_wide(act_is_wide),
        .weight(weight), .weight_shift(weight_shift), .weight_is_wide(weight_is_wide),
        .sum_in(sum_in[18:0]), .sum_out(next_19));
    multiply_ant_fused #(.SUM_BITS(24)) multiply_24 (
        .act(act), .act_shift(act_shift), .act_is_wide(act_is_wide),
        .weight(weight), .weight_shift(weight_shift), .weight_is_wide(weight_is_wide),
        .sum_in(sum_in[23:0]), .sum_out(next_24));
    multiply_ant_fused #(.SUM_BITS(32)) multiply_32 (
        .act(act), .act_shift(act_shift), .act_is_wide(act_is_wide),
        .weight(weight), .weight_shift(weight_shift), .weight_is_wide(weight_is_wide),
        .sum_in(sum_in), .sum_out(next_32));
    pe_ant_fused #(.SUM_BITS(24)) pe_24 (
        .clock(clock), .clear(clear), .enable(enable),
        .act(act), .act_shift(act_shift), .act_is_wide(act_is_wide),
        .weight(weight), .weight_shift(weight_shift), .weight_is_wide(weight_is_wide), .sum(sum_24));
    pe_ant_fused #(.SUM_BITS(32)) pe_32 (
        .clock(clock), .clear(clear), .enable(enable),
        .act(act), .act_shift(act_shift), .act_is_wide(act_is_wide),
        .weight(weight), .weight_shift(weight_shift), .weight_is_wide(weight_is_wide), .sum(sum_32));
endmodule
