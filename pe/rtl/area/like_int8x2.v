// PE int8x2, in the frame of like_reference.v: two 8 x 8-bit multiply-accumulates that share a weight: 24 + 48 flip-flops.
module like_int8x2 (
    input  wire               clock,
    input  wire signed [7:0]  act_0,
    input  wire signed [7:0]  act_1,
    input  wire signed [7:0]  weight,
    output reg         [47:0] sum
);
    reg  signed [7:0]  held_act_0, held_act_1, held_weight;
    wire        [47:0] next_sum;

    multiply_int8x2 #(.SUM_BITS(24)) multiply (
        .act_0({held_act_0[7], held_act_0}), .act_1({held_act_1[7], held_act_1}), .weight({held_weight[7], held_weight}),
        .sum_in_0(sum[23:0]), .sum_in_1(sum[47:24]), .sum_out_0(next_sum[23:0]), .sum_out_1(next_sum[47:24]));

    always @(posedge clock) begin
        held_act_0 <= act_0;
        held_act_1 <= act_1;
        held_weight <= weight;
        sum <= next_sum;
    end
endmodule
