/* How fast Verilator is: PE-clocks per second of a 64 x 64 array of int8 PEs, output-stationary, on
 * random operands, one thread. Prints the number. */
#include "Varray_speed.h"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <verilated.h>

static const int ROWS = 64, COLUMNS = 64;

/* xorshift64*, as in test/check.h: operands must change each clock, or nothing is worked on. */
static uint64_t state = 1;

static uint32_t random_word()
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)(state * 0x2545F4914F6CDD1Du >> 32);
}

template <std::size_t words> static void fill(VlWide<words> &port)
{
    for (std::size_t i = 0; i < words; i++)
        port[i] = random_word();
}

static void clock_once(Varray_speed &array)
{
    array.clock = 0;
    array.eval();
    fill(array.act_codes);
    fill(array.weight_codes);
    array.eval();
    array.clock = 1;
    array.eval();
}

static void start(Varray_speed &array)
{
    array.reset = 1;
    clock_once(array);
    array.reset = 0;
    array.m = ROWS, array.k = UINT16_MAX, array.n = COLUMNS;
    array.act_is_signed = array.weight_is_signed = 1;
    array.act_bits = array.weight_bits = 8;
    array.start = 1;
    clock_once(array);
    array.start = 0;
    for (int i = 0; i < ROWS + COLUMNS; i++) /* until the wavefront has filled the array */
        clock_once(array);
}

int main()
{
    enum { CLOCKS_BETWEEN_LOOKS = 100 };
    const std::chrono::seconds enough(3);
    Varray_speed array;
    start(array);
    uint64_t clocks = 0;
    auto begin = std::chrono::steady_clock::now(), end = begin;
    while (end - begin < enough && clocks < 60000) {
        for (int i = 0; i < CLOCKS_BETWEEN_LOOKS; i++)
            clock_once(array);
        clocks += CLOCKS_BETWEEN_LOOKS;
        end = std::chrono::steady_clock::now();
    }
    if (!array.stream) {
        std::fprintf(stderr, "the array was not streaming\n");
        return EXIT_FAILURE;
    }
    double seconds = std::chrono::duration<double>(end - begin).count();
    std::printf("%.0f\n", (double)(clocks * ROWS * COLUMNS) / seconds);
    return EXIT_SUCCESS;
}
