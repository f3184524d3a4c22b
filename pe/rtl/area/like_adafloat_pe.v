// PE adafloat, in the frame of like_reference.v: decoded codes of 8 bits: 18 + 24 flip-flops.
module like_adafloat_pe (
    input  wire        clock,
    input  wire [7:0]  act,
    input  wire [7:0]  weight,
    output reg  [23:0] sum
);
    reg  [8:0]  held_act, held_weight;
    wire [23:0] next_sum;

    multiply_adafloat #(.SUM_BITS(24)) multiply (.act(held_act), .weight(held_weight), .sum_in(sum), .sum_out(next_sum));

    always @(posedge clock) begin
        held_act <= {act[7], act[6:0] != 7'd0, act[3:0], act[6:4]};
        held_weight <= {weight[7], weight[6:0] != 7'd0, weight[3:0], weight[6:4]};
        sum <= next_sum;
    end
endmodule
