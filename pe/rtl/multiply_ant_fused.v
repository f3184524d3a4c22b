// One clock of 2 x 2 fused 4-bit PEs: ANT (Guo et al., MICRO 2022), section 6 (pe/pe.c, split_halves and
// ant_multiply_accumulate). A wide operand is two 4-bit pieces, high << 4 and low, of which the high one has the sign;
// the sum goes through the four PEs. Where an operand is narrow its high piece is 0: 1 x 2 and 2 x 1 fusion.
module multiply_ant_fused #(
    parameter SUM_BITS = 32
) (
    input  wire signed [8:0]          act,
    input  wire        [4:0]          act_shift,
    input  wire                       act_is_wide, // a format of more than 4 bits
    input  wire signed [8:0]          weight,
    input  wire        [4:0]          weight_shift,
    input  wire                       weight_is_wide,
    input  wire signed [SUM_BITS-1:0] sum_in,
    output wire signed [SUM_BITS-1:0] sum_out
);
    wire [4:0] act_low     = act_is_wide ? {1'b0, act[3:0]} : act[4:0];
    wire [4:0] act_high    = act_is_wide ? act[8:4] : 5'd0;
    wire [4:0] weight_low  = weight_is_wide ? {1'b0, weight[3:0]} : weight[4:0];
    wire [4:0] weight_high = weight_is_wide ? weight[8:4] : 5'd0;
    wire [6:0] shift = {2'b0, act_shift} + {2'b0, weight_shift};

    wire signed [SUM_BITS-1:0] low_low, low_high, high_low;

    multiply_ant #(.SUM_BITS(SUM_BITS), .SHIFT_BITS(7)) multiply_low_low (
        .act(act_low), .weight(weight_low), .shift(shift), .sum_in(sum_in), .sum_out(low_low));
    multiply_ant #(.SUM_BITS(SUM_BITS), .SHIFT_BITS(7)) multiply_low_high (
        .act(act_low), .weight(weight_high), .shift(shift + 7'd4), .sum_in(low_low), .sum_out(low_high));
    multiply_ant #(.SUM_BITS(SUM_BITS), .SHIFT_BITS(7)) multiply_high_low (
        .act(act_high), .weight(weight_low), .shift(shift + 7'd4), .sum_in(low_high), .sum_out(high_low));
    multiply_ant #(.SUM_BITS(SUM_BITS), .SHIFT_BITS(7)) multiply_high_high (
        .act(act_high), .weight(weight_high), .shift(shift + 7'd8), .sum_in(high_low), .sum_out(sum_out));
endmodule
