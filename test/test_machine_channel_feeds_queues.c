/* Does the machine put its requests before the queued controller as docs/machine.md says? From the
 * start of every LOAD and STORE of a run, a model that knows that section alone works out which
 * burst is offered at which DRAM clock, and when transfers end: clock by clock, with a controller
 * of its own. Ends and counts are those of the machine. */
#include "test/machine_program.h"
#include "test/machine_runs.h"

#include "memory/dma.h"
#include "memory/dram_controller.h"

#ifdef __SANITIZE_ADDRESS__
enum { ROUNDS = 60 };
#else
enum { ROUNDS = 400 };
#endif

struct model_transfer {
    uint64_t from, done; /* first cycle with a request; clock of the last completion so far */
    uint32_t index, layer;
    uint64_t left; /* bursts not done */
    bool has_request, is_write;
    struct dma_runs runs;
    struct dma_request request;
};

struct model {
    const struct program *program;
    struct dram_controller *controller;
    unsigned __int128 ps_per_clock, ps_times_khz; /* cycle = clock * period * khz / 10^9 */
    struct model_transfer transfers[MAX_INSTRUCTIONS];
    uint32_t count;
    uint32_t unit[2][MAX_INSTRUCTIONS], unit_count[2]; /* transfers of LOAD and of STORE */
    uint32_t last_layer;                               /* of the request taken last */
    struct counters layers[LAYERS];
};

static uint64_t cycle_at(const struct model *model, uint64_t clock, bool up)
{
    unsigned __int128 scaled = clock * model->ps_per_clock;
    return (uint64_t)((scaled + (up ? model->ps_times_khz - 1 : 0)) / model->ps_times_khz);
}

static void count_command(void *context, const struct dram_issued *issued)
{
    struct model *model = context;
    const uint64_t bytes = dram_burst_bytes(&model->program->arch.dram.device.geometry);
    struct counters *last = &model->layers[model->last_layer];
    bool is_refresh = issued->command == DRAM_REFRESH || issued->command == DRAM_REFRESH_BANK;
    if (is_refresh)
        last->dram_refreshes++;
    if (is_refresh || issued->command == DRAM_PRECHARGE) {
        last->dram_precharges += !is_refresh;
        return;
    }
    struct counters *own = &model->layers[model->transfers[issued->id].layer];
    own->dram_activates += issued->command == DRAM_ACTIVATE;
    if (issued->command == DRAM_READ || issued->command == DRAM_READ_PRECHARGE)
        own->dram_read_bytes += bytes;
    if (issued->command == DRAM_WRITE || issued->command == DRAM_WRITE_PRECHARGE)
        own->dram_write_bytes += bytes;
    last->dram_precharges +=
        issued->command == DRAM_READ_PRECHARGE || issued->command == DRAM_WRITE_PRECHARGE;
}

static void add_transfer(struct model *model, uint32_t index, const struct run_times *times)
{
    const struct instruction *instruction = &model->program->instructions[index];
    const bool is_store = instruction->opcode == OPCODE_STORE;
    struct model_transfer *transfer = &model->transfers[model->count];
    *transfer = (struct model_transfer){
        .from = times->start + model->program->arch.dma_setup,
        .index = index,
        .layer = instruction->layer,
        .is_write = is_store,
        .runs = dma_runs_of(&instruction->transfer,
                            &model->program->tensors[instruction->transfer.tensor]),
    };
    transfer->has_request = dma_next(&transfer->runs, &transfer->request);
    if (transfer->has_request)
        model->unit[is_store][model->unit_count[is_store]++] = model->count++;
}

/* The unit's transfer with requests left, if its time has come. */
static struct model_transfer *waiting(struct model *model, bool store, uint64_t cycle)
{
    for (uint32_t i = 0; i < model->unit_count[store]; i++) {
        struct model_transfer *transfer = &model->transfers[model->unit[store][i]];
        if (transfer->has_request)
            return transfer->from <= cycle ? transfer : NULL;
    }
    return NULL;
}

static void charge_clocks(struct model *model, struct dram_command_counts *charged)
{
    struct dram_command_counts now = dram_controller_counts(model->controller);
    struct counters *last = &model->layers[model->last_layer];
    last->dram_active_clocks += now.active_clocks - charged->active_clocks;
    last->dram_idle_clocks += now.idle_clocks - charged->idle_clocks;
    *charged = now;
}

static void play(struct model *model, uint64_t run_cycles)
{
    const struct dram_geometry *geometry = &model->program->arch.dram.device.geometry;
    const uint64_t size = dram_burst_bytes(geometry), capacity = dram_capacity(geometry);
    struct dram_command_counts charged = {0};
    struct model_transfer *hand = NULL;
    bool last_was_store = true;
    uint64_t burst = 0, end = 0, clock = 0;
    for (;; clock++) {
        const uint64_t cycle = cycle_at(model, clock, false);
        struct dram_completion completion;
        dram_controller_advance(model->controller, clock);
        while (dram_controller_pop(model->controller, &completion)) {
            model->transfers[completion.id].left--;
            model->transfers[completion.id].done = completion.clock;
        }
        if (cycle >= run_cycles)
            break;
        if (!hand) {
            hand = waiting(model, !last_was_store, cycle);
            if (!hand)
                hand = waiting(model, last_was_store, cycle);
            if (!hand)
                continue;
            last_was_store = hand->is_write;
            burst = hand->request.address / size;
            end = (hand->request.address + hand->request.bytes - 1) / size + 1;
            charge_clocks(model, &charged);
            model->last_layer = hand->layer;
        }
        if (!dram_controller_enqueue(model->controller, clock, (uint64_t)(hand - model->transfers),
                                     burst * size % capacity, hand->is_write))
            continue;
        hand->left++;
        if (++burst == end) {
            hand->has_request = dma_next(&hand->runs, &hand->request);
            hand = NULL;
        }
    }
    charge_clocks(model, &charged);
    dram_controller_finish(model->controller);
}

static void compare(const struct model *model, const struct machine_run *run)
{
    for (uint32_t i = 0; i < model->count; i++) {
        const struct model_transfer *transfer = &model->transfers[i];
        assert_false(transfer->has_request);
        assert_int_equal(transfer->left, 0);
        assert_int_equal(cycle_at(model, transfer->done, true), run->times[transfer->index].end);
    }
    for (uint32_t l = 0; l < model->program->layer_count; l++) {
        const struct counters *counters = &machine_stats(run->machine)->layers[l].counters;
#define SAME(name) assert_int_equal(model->layers[l].name, counters->name);
        SAME(dram_read_bytes)
        SAME(dram_write_bytes)
        SAME(dram_activates)
        SAME(dram_precharges)
        SAME(dram_refreshes)
        SAME(dram_active_clocks)
        SAME(dram_idle_clocks)
#undef SAME
    }
}

static void runs_are_replayed(void **state)
{
    check_seed();
    uint64_t cycles = 0, transfers = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct program *program = random_program(&small_program);
        program->arch.dram = (struct dram_config){.device = with_room(random_device(30)),
                                                  .controller = DRAM_CONTROLLER_QUEUED};
        if (round % 3 == 0) { /* clocks that begin together with cycles */
            program->arch.dram.device.tCK = 1;
            program->arch.clock_khz = 250000u << check_between(0, 4);
        }
        uint8_t *input = random_input(program);
        struct machine_run run = run_on(&engine_fast, program, input);
        struct model *model = calloc(1, sizeof *model);
        model->program = program;
        model->ps_per_clock =
            (unsigned __int128)dram_clock_ps(&program->arch.dram.device) * program->arch.clock_khz;
        model->ps_times_khz = 1000000000;
        model->controller = dram_controller_new(&program->arch.dram.device);
        dram_controller_observe(model->controller, count_command, model);
        dram_controller_step(model->controller, true);
        for (uint32_t i = 0; i < program->instruction_count; i++)
            if (program->instructions[i].opcode == OPCODE_LOAD ||
                program->instructions[i].opcode == OPCODE_STORE)
                add_transfer(model, i, &run.times[i]);
        play(model, machine_stats(run.machine)->cycles);
        compare(model, &run);
        cycles += machine_stats(run.machine)->cycles;
        transfers += model->count;
        dram_controller_free(model->controller);
        free(model);
        run_free(&run);
        free(input);
        program_free(program);
    }
    printf("%d programs, %llu transfers, %llu cycles\n", ROUNDS, (unsigned long long)transfers,
           (unsigned long long)cycles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(runs_are_replayed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
