// PE msd on its own: multiply_msd with the sum kept in a register.
// `clear` goes before `enable`; with neither the sum stays.
module pe_msd #(
    parameter SUM_BITS = 32
) (
    input  wire                       clock,
    input  wire                       clear,
    input  wire                       enable,
    input  wire signed [8:0]          act,
    input  wire        [5:0]          digit,
    output reg  signed [SUM_BITS-1:0] sum
);
    wire signed [SUM_BITS-1:0] next_sum;

    multiply_msd #(.SUM_BITS(SUM_BITS)) multiply (
        .act(act), .digit(digit), .sum_in(sum), .sum_out(next_sum));

    always @(posedge clock)
        if (clear)
            sum <= 0;
        else if (enable)
            sum <= next_sum;
endmodule
