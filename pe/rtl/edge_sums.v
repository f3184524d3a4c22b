// Where sums leave the array: each is added to what lies in memory or, behind serial PEs, to the waves of the digits
// before it. A lane a column.
module edge_sums #(
    parameter LANES = 4,
    parameter SUM_BITS = 32
) (
    input  wire                      clock,
    input  wire                      is_first, // wave of a product
    input  wire                      adds,     // to memory
    input  wire [LANES*SUM_BITS-1:0] old_sums,
    input  wire [LANES*SUM_BITS-1:0] waves,
    output wire [LANES*SUM_BITS-1:0] new_sums
);
    reg [LANES*SUM_BITS-1:0] held;
    genvar j;
    generate
        for (j = 0; j < LANES; j = j + 1) begin : lane
            wire [SUM_BITS-1:0] old = adds ? old_sums[j*SUM_BITS +: SUM_BITS] : {SUM_BITS{1'b0}};
            wire [SUM_BITS-1:0] earlier = is_first ? old : held[j*SUM_BITS +: SUM_BITS];
            assign new_sums[j*SUM_BITS +: SUM_BITS] = earlier + waves[j*SUM_BITS +: SUM_BITS];
        end
    endgenerate
    always @(posedge clock)
        held <= new_sums;
endmodule
