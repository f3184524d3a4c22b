// DEPTH registers in a row; none is a wire. `is_half` takes values out after the first half of them.
/* verilator lint_off UNUSEDSIGNAL */ // a line of no registers has no clock
module delay_line #(
    parameter WIDTH = 8,
    parameter DEPTH = 1
) (
    input  wire             clock,
    input  wire             reset,
    input  wire             is_half,
    input  wire [WIDTH-1:0] in,
    output wire [WIDTH-1:0] out
);
    localparam HALF = DEPTH / 2;
    wire [WIDTH*(DEPTH+1)-1:0] taps;

    assign taps[WIDTH-1:0] = in;
    assign out = is_half ? taps[WIDTH*HALF +: WIDTH] : taps[WIDTH*DEPTH +: WIDTH];
    generate
        if (DEPTH > 0) begin : registers
            reg [WIDTH*DEPTH-1:0] line;
            assign taps[WIDTH*(DEPTH+1)-1:WIDTH] = line;
            always @(posedge clock)
                line <= reset ? {WIDTH*DEPTH{1'b0}} : taps[WIDTH*DEPTH-1:0];
        end
    endgenerate
endmodule
/* verilator lint_on UNUSEDSIGNAL */
