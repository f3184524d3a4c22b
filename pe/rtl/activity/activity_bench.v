// Random operands for one PE, a share of them zero, the others uniform; the waveform goes to +vcd=FILE.
//   +clocks=N +act_zeros=PERCENT +weight_zeros=PERCENT
// DESIGN, its PORTS, the activations that it takes at once (LANES) and their sums, the bits that operands have (ACT_BITS,
// WEIGHT_BITS), the low bits of a weight that are drawn (WEIGHT_DRAWN) and the code of a zero weight (WEIGHT_ZERO) come from
// activity.sh.
`timescale 1ns / 1ps
module activity_bench;
    reg clock = 0;
    reg [`LANES*`ACT_BITS-1:0] act = 0;
    reg [`WEIGHT_BITS-1:0] weight = 0;
    wire [`LANES*24-1:0] sum;
    integer clocks, act_zeros, weight_zeros, i, lane, seed;
    reg [8*256-1:0] vcd;

    `DESIGN dut(`PORTS);

    // Zero in `percent` of 100 draws, otherwise any other code.
    function [15:0] draw(input integer percent, input integer bits, input [15:0] zero);
        begin
            draw = zero;
            if ($unsigned($random(seed)) % 100 >= percent)
                while (draw == zero)
                    draw = $random(seed) & ((1 << bits) - 1);
        end
    endfunction

    initial begin
        seed = 1;
        if (!$value$plusargs("clocks=%d", clocks)) $finish;
        if (!$value$plusargs("act_zeros=%d", act_zeros)) $finish;
        if (!$value$plusargs("weight_zeros=%d", weight_zeros)) $finish;
        if (!$value$plusargs("vcd=%s", vcd)) $finish;
        $dumpfile(vcd);
        $dumpvars(1, dut);
        force dut.sum = {`LANES{24'd0}}; // the designs have no reset
        repeat (2) begin
            #5 clock = 1;
            #5 clock = 0;
        end
        release dut.sum;
        for (i = 0; i < clocks; i = i + 1) begin
            for (lane = 0; lane < `LANES; lane = lane + 1)
                act[lane*`ACT_BITS +: `ACT_BITS] = draw(act_zeros, `ACT_BITS, 0);
            weight = draw(weight_zeros, `WEIGHT_DRAWN, `WEIGHT_ZERO);
            #5 clock = 1;
            #5 clock = 0;
        end
        $finish;
    end
endmodule
