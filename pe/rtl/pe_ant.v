// PE ant on its own: multiply_ant behind an exponent adder, with the sum kept in a register. Operands of up to 4 bits
// are shifted by at most 14, as unsigned pot is. `clear` goes before `enable`; with neither the sum stays.
module pe_ant #(
    parameter SUM_BITS = 32
) (
    input  wire                       clock,
    input  wire                       clear,
    input  wire                       enable,
    input  wire signed [4:0]          act,
    input  wire        [3:0]          act_shift,
    input  wire signed [4:0]          weight,
    input  wire        [3:0]          weight_shift,
    output reg  signed [SUM_BITS-1:0] sum
);
    wire signed [SUM_BITS-1:0] next_sum;

    multiply_ant #(.SUM_BITS(SUM_BITS), .SHIFT_BITS(5)) multiply (
        .act(act), .weight(weight), .shift({1'b0, act_shift} + {1'b0, weight_shift}), .sum_in(sum), .sum_out(next_sum));

    always @(posedge clock)
        if (clear)
            sum <= 0;
        else if (enable)
            sum <= next_sum;
endmodule
