// A layer of a network on a systolic array: operands and expected sums from golden files, every sum compared. The array
// is `ARRAY (default array_matmul) behind the ports of array_matmul. docs/rtl.md shows how to run it with an array of
// your own.
//
//     +layer=DIR/NAME    files NAME.act.hex, NAME.weights.hex and NAME.sums.hex of `mantis golden --hex DIR`, NAME
//                        being <layer>.matmul; the following plusargs are the contents of NAME.args
//     +m= +k= +n=        M x K codes by K x N codes
//     +act_family= +act_is_signed= +act_bits=  +weight_family= +weight_is_signed= +weight_bits=
//     +pe= +dataflow=    what the files are made for; others than the parameters' are refused
//     +rows= +columns= +cycles=   cycles of the C model on an array of that size
//     +exact             where the array has that size, other cycles are a failure
`ifndef ARRAY
`define ARRAY array_matmul
`endif
module array_bench;
    parameter ROWS = 8;
    parameter COLUMNS = 8;
    parameter PE = 0; // 0 int8, 1 ant, 2 msd
    parameter [0:0] WEIGHT_STATIONARY = 0;
    parameter SUM_BITS = 32;
    parameter ACT_WORDS = 1 << 20; // room for codes and sums
    parameter WEIGHT_WORDS = 1 << 20;
    parameter SUM_WORDS = 1 << 20;
    localparam SIZE_BITS = 16;
    localparam NAME_BITS = 8 * 512;

    // --- the task ---

    reg [NAME_BITS-1:0] layer, path, word;
    reg [31:0] m, k, n;
    reg [1:0] act_family, weight_family;
    reg act_is_signed, weight_is_signed;
    reg [4:0] act_bits, weight_bits;
    reg refused;

    // A plusarg that must be there.
    task check_given;
        input given;
        input [8*20-1:0] name;
        if (!given) begin
            $display("FAIL: +%0s= is missing (NAME.args has it)", name);
            refused = 1;
        end
    endtask

    // The family whose name is in `word`, as the array numbers it.
    function [1:0] family_of_word;
        input unused;
        case (word)
            "int": family_of_word = 2'd0;
            "flint": family_of_word = 2'd1;
            "pot": family_of_word = 2'd2;
            default: family_of_word = 2'd3;
        endcase
    endfunction

    function is_family;
        input unused;
        is_family = word == "int" || word == "flint" || word == "pot" || word == "rsd_eb1" || word == "rsd_eb2" ||
                    word == "rsd_eb3" || word == "rsd_eb4";
    endfunction

    task read_formats;
        begin
            check_given($value$plusargs("act_family=%s", word), "act_family");
            act_family = family_of_word(0);
            if (!is_family(0)) refuse_family;
            check_given($value$plusargs("weight_family=%s", word), "weight_family");
            weight_family = family_of_word(0);
            if (!is_family(0)) refuse_family;
            check_given($value$plusargs("act_is_signed=%d", act_is_signed), "act_is_signed");
            check_given($value$plusargs("act_bits=%d", act_bits), "act_bits");
            check_given($value$plusargs("weight_is_signed=%d", weight_is_signed), "weight_is_signed");
            check_given($value$plusargs("weight_bits=%d", weight_bits), "weight_bits");
        end
    endtask

    task refuse_family;
        begin
            $display("FAIL: no array takes %0s; legal: int, flint, pot, rsd_eb1 to rsd_eb4", word);
            refused = 1;
        end
    endtask

    task read_shape;
        begin
            check_given($value$plusargs("layer=%s", layer), "layer");
            check_given($value$plusargs("m=%d", m), "m");
            check_given($value$plusargs("k=%d", k), "k");
            check_given($value$plusargs("n=%d", n), "n");
            if (m * k > ACT_WORDS || k * n > WEIGHT_WORDS || m * n > SUM_WORDS) begin
                $display("FAIL: %0d x %0d by %0d x %0d needs larger ACT_WORDS, WEIGHT_WORDS or SUM_WORDS", m, k, k, n);
                refused = 1;
            end
        end
    endtask

    // What the files are made for must be what the array is, where they say it.
    task check_array;
        begin
            if ($value$plusargs("pe=%s", word))
                check_made_for((PE == 0 && word == "int8") || (PE == 1 && word == "ant") || (PE == 2 && word == "msd"));
            if ($value$plusargs("dataflow=%s", word))
                check_made_for(WEIGHT_STATIONARY ? word == "ws" : word == "os");
        end
    endtask

    task check_made_for;
        input is_right;
        if (!is_right) begin
            $display("FAIL: the files are made for %0s; PE is %0d, WEIGHT_STATIONARY %0d", word, PE,
                     WEIGHT_STATIONARY);
            refused = 1;
        end
    endtask

    // --- the array ---

    reg clock, reset, start, is_done;
    wire busy, done, preload, stream, fill, drain;
    wire act_read, weight_read, sum_read, sum_write;
    wire [SIZE_BITS-1:0] act_m, act_k, act_count, weight_k, weight_n, weight_count, sum_m, sum_n, sum_count;
    wire [ROWS*8-1:0] act_codes;
    wire [COLUMNS*16-1:0] weight_codes;
    wire [COLUMNS*SUM_BITS-1:0] old_sums, new_sums;

    `ARRAY #(.ROWS(ROWS), .COLUMNS(COLUMNS), .PE(PE), .WEIGHT_STATIONARY(WEIGHT_STATIONARY), .SUM_BITS(SUM_BITS),
             .SIZE_BITS(SIZE_BITS)) array (
        .clock(clock), .reset(reset), .start(start), .accumulate(1'b0),
        .m(m[SIZE_BITS-1:0]), .k(k[SIZE_BITS-1:0]), .n(n[SIZE_BITS-1:0]),
        .act_family(act_family), .act_is_signed(act_is_signed), .act_bits(act_bits),
        .weight_family(weight_family), .weight_is_signed(weight_is_signed), .weight_bits(weight_bits),
        .busy(busy), .done(done), .preload(preload), .stream(stream), .fill(fill), .drain(drain),
        .act_read(act_read), .act_m(act_m), .act_k(act_k), .act_count(act_count), .act_codes(act_codes),
        .weight_read(weight_read), .weight_k(weight_k), .weight_n(weight_n), .weight_count(weight_count),
        .weight_codes(weight_codes),
        .sum_read(sum_read), .sum_write(sum_write), .sum_m(sum_m), .sum_n(sum_n), .sum_count(sum_count),
        .old_sums(old_sums), .new_sums(new_sums));

    // --- memories: an answer in the clock of the question, a write at its end ---

    reg [7:0] acts [0:ACT_WORDS-1];
    reg [15:0] weights [0:WEIGHT_WORDS-1];
    reg [63:0] expected [0:SUM_WORDS-1];
    reg [SUM_BITS-1:0] sums [0:SUM_WORDS-1];
    reg is_spoiling; // before the run: no sum is right that the array does not write
    integer index;

    wire [31:0] act_base = act_m * k + {16'd0, act_k};
    wire [31:0] act_step = WEIGHT_STATIONARY ? 1 : k;
    wire [31:0] weight_base = weight_k * n + {16'd0, weight_n};
    wire [31:0] sum_base = sum_m * n + {16'd0, sum_n};
    genvar i, j;
    generate
        for (i = 0; i < ROWS; i = i + 1) begin : row
            assign act_codes[i*8 +: 8] = act_read && i < act_count ? acts[act_base + i * act_step] : 8'hxx;
        end
        for (j = 0; j < COLUMNS; j = j + 1) begin : column
            assign weight_codes[j*16 +: 16] = weight_read && j < weight_count ? weights[weight_base + j] : 16'hxxxx;
            assign old_sums[j*SUM_BITS +: SUM_BITS] =
                sum_read && j < sum_count ? sums[sum_base + j] : {SUM_BITS{1'bx}};
            always @(posedge clock)
                if (is_spoiling)
                    sums[index + j] <= ~expected[index + j][SUM_BITS-1:0];
                else if (sum_write && j < sum_count)
                    sums[sum_base + j] <= new_sums[j*SUM_BITS +: SUM_BITS];
        end
    endgenerate

    // --- run and compare ---

    integer wrong, clocks, rows, columns, cycles;
    integer limit;

    task compare;
        begin
            wrong = 0;
            for (index = 0; index < m * n; index = index + 1)
                if (sums[index] !== expected[index][SUM_BITS-1:0]) begin
                    if (wrong == 0)
                        $display("sum [%0d][%0d] is %h, must be %h", index / n, index % n, sums[index],
                                 expected[index][SUM_BITS-1:0]);
                    wrong = wrong + 1;
                end
            if (wrong != 0)
                $display("FAIL: %0d of %0d sums are wrong, %0d clocks", wrong, m * n, clocks);
            else if (!$value$plusargs("rows=%d", rows) || !$value$plusargs("columns=%d", columns) ||
                     !$value$plusargs("cycles=%d", cycles) || rows != ROWS || columns != COLUMNS)
                $display("PASS: %0d sums, %0d clocks", m * n, clocks);
            else if (clocks != cycles && $test$plusargs("exact"))
                $display("FAIL: %0d sums are right, but in %0d clocks; the C model takes %0d", m * n, clocks, cycles);
            else
                $display("PASS: %0d sums, %0d clocks (the C model: %0d)", m * n, clocks, cycles);
        end
    endtask

    task spoil;
        begin
            @(negedge clock) is_spoiling = 1;
            for (index = 0; index < m * n; index = index + COLUMNS)
                @(negedge clock);
            is_spoiling = 0;
        end
    endtask

    task run;
        begin
            reset = 1;
            @(negedge clock) reset = 0;
            start = 1;
            @(negedge clock) start = 0;
            clocks = 1;
            while (!done && clocks < limit) begin
                @(negedge clock);
                clocks = clocks + 1;
            end
            is_done = done;
            @(negedge clock);
        end
    endtask

    initial begin
        clock = 0;
        start = 0;
        reset = 1;
        is_spoiling = 0;
        refused = 0;
        read_shape;
        read_formats;
        check_array;
        if (!refused) begin
            $sformat(path, "%0s.act.hex", layer);
            $readmemh(path, acts, 0, m * k - 1);
            $sformat(path, "%0s.weights.hex", layer);
            $readmemh(path, weights, 0, k * n - 1);
            $sformat(path, "%0s.sums.hex", layer);
            $readmemh(path, expected, 0, m * n - 1);
            if (!$value$plusargs("limit=%d", limit))
                limit = 100000000;
            spoil;
            run;
            if (!is_done)
                $display("FAIL: not done after %0d clocks (+limit= allows more)", clocks);
            else
                compare;
        end
        $finish;
    end

    always #5 clock = !clock;
endmodule
