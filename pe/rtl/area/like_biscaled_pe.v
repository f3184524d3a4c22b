// PE biscaled, in the frame of like_reference.v: integers of 6 bits and a flag for the wide scale, 4 times the fine one:
// 14 + 24 flip-flops.
module like_biscaled_pe (
    input  wire               clock,
    input  wire        [6:0]  act,
    input  wire        [6:0]  weight,
    output reg  signed [23:0] sum
);
    reg  [6:0] held_act, held_weight;
    wire [3:0] shift = {2'b0, held_act[6], 1'b0} + {2'b0, held_weight[6], 1'b0};
    wire signed [23:0] next_sum;

    multiply_biscaled #(.SUM_BITS(24)) multiply (
        .act({held_act[5], held_act[5:0]}), .weight({held_weight[5], held_weight[5:0]}), .shift(shift),
        .sum_in(sum), .sum_out(next_sum));

    always @(posedge clock) begin
        held_act <= act;
        held_weight <= weight;
        sum <= next_sum;
    end
endmodule
