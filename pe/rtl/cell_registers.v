// The registers of a PE in the array. An operand that enters is used at once and handed on a clock later.
//
//     output-stationary   the weight passes through, the sum stays: sum <= result, or the one above while draining
//     weight-stationary   the weight stays (load_weight moves it down), the sum passes: sum_out is the result
module cell_registers #(
    parameter [0:0] WEIGHT_STATIONARY = 0,
    parameter ACT_WIDTH = 9,
    parameter WEIGHT_WIDTH = 9,
    parameter SUM_BITS = 32
) (
    input  wire                       clock,
    input  wire                       reset,
    input  wire                       load_weight,
    input  wire                       drain,
    input  wire [ACT_WIDTH-1:0]       act_in,
    input  wire [WEIGHT_WIDTH-1:0]    weight_in,
    input  wire signed [SUM_BITS-1:0] sum_in,
    input  wire signed [SUM_BITS-1:0] result,
    output reg  [ACT_WIDTH-1:0]       act_out,
    output reg  [WEIGHT_WIDTH-1:0]    weight_out,
    output wire signed [SUM_BITS-1:0] sum_out,
    output wire [WEIGHT_WIDTH-1:0]    weight, // to multiply by
    output reg  signed [SUM_BITS-1:0] sum     // to add to
);
    assign weight = WEIGHT_STATIONARY ? weight_out : weight_in;
    assign sum_out = WEIGHT_STATIONARY ? result : sum;

    always @(posedge clock)
        if (reset) begin
            act_out <= {ACT_WIDTH{1'b0}};
            weight_out <= {WEIGHT_WIDTH{1'b0}};
            sum <= {SUM_BITS{1'b0}};
        end else begin
            act_out <= act_in;
            if (!WEIGHT_STATIONARY || load_weight)
                weight_out <= weight_in;
            sum <= WEIGHT_STATIONARY || drain ? sum_in : result;
        end
endmodule
