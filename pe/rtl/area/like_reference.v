// The twins' arithmetic in the frame of published reference PEs: operands in registers, a sum of 24 bits, no control.
// Only to compare areas (docs/energy.md); the array has its own cells.

// An 8 x 8-bit multiply-accumulate: 16 + 24 flip-flops.
module like_mac_8x8 (
    input  wire               clock,
    input  wire signed [7:0]  act,
    input  wire signed [7:0]  weight,
    output reg  signed [23:0] sum
);
    reg  signed [7:0]  held_act, held_weight;
    wire signed [23:0] next_sum;

    multiply_int8 #(.SUM_BITS(24)) multiply (
        .act({held_act[7], held_act}), .weight({held_weight[7], held_weight}), .sum_in(sum), .sum_out(next_sum));

    always @(posedge clock) begin
        held_act <= act;
        held_weight <= weight;
        sum <= next_sum;
    end
endmodule

// A 4 x 4-bit multiply-accumulate: 8 + 24 flip-flops.
module like_mac_4x4 (
    input  wire               clock,
    input  wire signed [3:0]  act,
    input  wire signed [3:0]  weight,
    output reg  signed [23:0] sum
);
    reg  signed [3:0]  held_act, held_weight;
    wire signed [23:0] next_sum;

    multiply_int8 #(.SUM_BITS(24)) multiply (
        .act({{5{held_act[3]}}, held_act}), .weight({{5{held_weight[3]}}, held_weight}),
        .sum_in(sum), .sum_out(next_sum));

    always @(posedge clock) begin
        held_act <= act;
        held_weight <= weight;
        sum <= next_sum;
    end
endmodule

// A 4-bit flint PE: terms of 5 bits and a shift of 3: 16 + 24 flip-flops.
module like_ant_pe (
    input  wire               clock,
    input  wire signed [4:0]  act,
    input  wire        [2:0]  act_shift,
    input  wire signed [4:0]  weight,
    input  wire        [2:0]  weight_shift,
    output reg  signed [23:0] sum
);
    reg  signed [4:0]  held_act, held_weight;
    reg         [2:0]  held_act_shift, held_weight_shift;
    wire signed [23:0] next_sum;

    multiply_ant #(.SUM_BITS(24), .SHIFT_BITS(4)) multiply (
        .act(held_act), .weight(held_weight), .shift({1'b0, held_act_shift} + {1'b0, held_weight_shift}),
        .sum_in(sum), .sum_out(next_sum));

    always @(posedge clock) begin
        held_act <= act;
        held_act_shift <= act_shift;
        held_weight <= weight;
        held_weight_shift <= weight_shift;
        sum <= next_sum;
    end
endmodule

// A PE over restricted signed digits: 8 bits and a digit of 5: 13 + 24 flip-flops.
module like_rsd_pe (
    input  wire               clock,
    input  wire signed [7:0]  act,
    input  wire        [4:0]  digit, // {is_zero, is_negative, shift}
    output reg  signed [23:0] sum
);
    reg  signed [7:0]  held_act;
    reg         [4:0]  held_digit;
    wire signed [23:0] next_sum;

    multiply_msd #(.SUM_BITS(24)) multiply (
        .act({held_act[7], held_act}), .digit({held_digit[4:3], 1'b0, held_digit[2:0]}),
        .sum_in(sum), .sum_out(next_sum));

    always @(posedge clock) begin
        held_act <= act;
        held_digit <= digit;
        sum <= next_sum;
    end
endmodule
