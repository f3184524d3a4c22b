// 4 x 4 PEs olaccel and one for outliers. The 16 multiply integers of 4 bits, and fuse in twos for wider ones like PEs
// bitfusion. Where either operand of a PE is an outlier, the PE for outliers multiplies both, whole, and PE (row, column)
// number `outlier_place`, row * 4 + column, adds that product instead of its own: the group of 16 + 1 of OLAccel (Park, Kim
// and Yoo, ISCA 2018), which leaves the lower half of an outlier to the 16. One product with an outlier a clock.
module cell_olaccel_4x4 #(
    parameter SUM_BITS = 32
) (
    input  wire                  clock,
    input  wire                  reset,
    input  wire                  drain,
    input  wire                  fuse_rows,
    input  wire                  fuse_columns,
    input  wire [4*5-1:0]        act_in, // lanes as in cell_bitfusion_2x2, from the top
    input  wire [4*5-1:0]        weight_in,
    input  wire [4*SUM_BITS-1:0] sum_in,
    input  wire                  has_outlier,
    input  wire [3:0]            outlier_place,
    input  wire signed [8:0]     outlier_act,
    input  wire signed [8:0]     outlier_weight,
    output wire [4*5-1:0]        act_out,
    output wire [4*5-1:0]        weight_out,
    output wire [4*SUM_BITS-1:0] sum_out
);
    localparam SUMS = 2 * SUM_BITS;
    wire signed [17:0] outlier = outlier_act * outlier_weight;
    wire        [15:0] takes = {15'd0, has_outlier} << outlier_place;

    // Into group (i, j) of 2 x 2: [i * 3 + j] of the activations, [i * 2 + j] of the others.
    wire [6*10-1:0]   acts /*verilator split_var*/;
    wire [6*10-1:0]   weights /*verilator split_var*/;
    wire [6*SUMS-1:0] sums /*verilator split_var*/;

    assign weights[19:0] = weight_in;
    assign sums[2*SUMS-1:0] = sum_in;
    assign weight_out = weights[59:40];
    assign sum_out = sums[6*SUMS-1:4*SUMS];
    genvar i, j;
    generate
        for (i = 0; i < 2; i = i + 1) begin : row
            assign acts[i*30 +: 10] = act_in[i*10 +: 10];
            assign act_out[i*10 +: 10] = acts[i*30+20 +: 10];
            for (j = 0; j < 2; j = j + 1) begin : column
                cell_bitfusion_2x2 #(.SUM_BITS(SUM_BITS), .OUTLIERS(1)) group (
                    .clock(clock), .reset(reset), .load_weight(2'd0), .drain(drain),
                    .fuse_rows(fuse_rows), .fuse_columns(fuse_columns),
                    .act_in(acts[i*30+j*10 +: 10]), .act_out(acts[i*30+j*10+10 +: 10]),
                    .weight_in(weights[(i*2+j)*10 +: 10]), .weight_out(weights[(i*2+j+2)*10 +: 10]),
                    .sum_in(sums[(i*2+j)*SUMS +: SUMS]), .sum_out(sums[(i*2+j+2)*SUMS +: SUMS]),
                    .takes_outlier({takes[i*8+j*2+4 +: 2], takes[i*8+j*2 +: 2]}), .outlier(outlier));
            end
        end
    endgenerate
endmodule
