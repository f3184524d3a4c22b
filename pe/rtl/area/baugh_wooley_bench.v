// baugh_wooley against `*`: all operands of the smaller widths, every 13th pair of the greater ones.
`timescale 1ns / 1ns
module compare #(parameter A = 9, parameter B = 9, parameter SIGNED = 1, parameter Y = 18, parameter STEP = 1) (output reg done);
    reg  [A-1:0] a;
    reg  [B-1:0] b;
    wire [Y-1:0] product;
    wire signed [A:0] wide_a = {SIGNED != 0 && a[A-1], a};
    wire signed [B:0] wide_b = {SIGNED != 0 && b[B-1], b};
    wire signed [63:0] wanted = wide_a * wide_b;
    integer i;

    baugh_wooley #(.A_SIGNED(SIGNED), .B_SIGNED(SIGNED), .A_WIDTH(A), .B_WIDTH(B), .Y_WIDTH(Y)) multiply (
        .A(a), .B(b), .Y(product));

    initial begin
        done = 0;
        for (i = 0; i < 1 << (A + B); i = i + STEP) begin
            {a, b} = i;
            #1;
            if (product !== wanted[Y-1:0]) begin
                $display("FAILED: %0d x %0d bits, signed %0d: %b x %b = %b", A, B, SIGNED, a, b, product);
                $finish;
            end
        end
        done = 1;
    end
endmodule

module bench;
    wire [6:0] done;
    compare #(.A(9), .B(9), .Y(18), .STEP(13)) nine (done[0]);
    compare #(.A(8), .B(8), .Y(24), .STEP(13)) eight_extended (done[1]);
    compare #(.A(5), .B(5), .Y(10)) five (done[2]);
    compare #(.A(4), .B(7), .Y(11)) unequal (done[3]);
    compare #(.A(6), .B(6), .Y(7)) cut (done[4]);
    compare #(.A(7), .B(7), .SIGNED(0), .Y(14)) unsigned_seven (done[5]);
    compare #(.A(5), .B(3), .SIGNED(0), .Y(12)) unsigned_extended (done[6]);
    always @(done)
        if (&done) begin
            $display("all products equal");
            $finish;
        end
endmodule
