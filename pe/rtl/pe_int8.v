// PE int8 on its own: multiply_int8 with the sum kept in a register.
// `clear` goes before `enable`; with neither the sum stays.
module pe_int8 #(
    parameter SUM_BITS = 32
) (
    input  wire                       clock,
    input  wire                       clear,
    input  wire                       enable,
    input  wire signed [8:0]          act,
    input  wire signed [8:0]          weight,
    output reg  signed [SUM_BITS-1:0] sum
);
    wire signed [SUM_BITS-1:0] next_sum;

    multiply_int8 #(.SUM_BITS(SUM_BITS)) multiply (
        .act(act), .weight(weight), .sum_in(sum), .sum_out(next_sum));

    always @(posedge clock)
        if (clear)
            sum <= 0;
        else if (enable)
            sum <= next_sum;
endmodule
