// PE ant_fused on its own: multiply_ant_fused with the sum kept in a register.
// `clear` goes before `enable`; with neither the sum stays.
module pe_ant_fused #(
    parameter SUM_BITS = 32
) (
    input  wire                       clock,
    input  wire                       clear,
    input  wire                       enable,
    input  wire signed [8:0]          act,
    input  wire        [4:0]          act_shift,
    input  wire                       act_is_wide,
    input  wire signed [8:0]          weight,
    input  wire        [4:0]          weight_shift,
    input  wire                       weight_is_wide,
    output reg  signed [SUM_BITS-1:0] sum
);
    wire signed [SUM_BITS-1:0] next_sum;

    multiply_ant_fused #(.SUM_BITS(SUM_BITS)) multiply (
        .act(act), .act_shift(act_shift), .act_is_wide(act_is_wide),
        .weight(weight), .weight_shift(weight_shift), .weight_is_wide(weight_is_wide),
        .sum_in(sum), .sum_out(next_sum));

    always @(posedge clock)
        if (clear)
            sum <= 0;
        else if (enable)
            sum <= next_sum;
endmodule
