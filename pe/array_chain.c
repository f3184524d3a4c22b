/* Sequences of folds: how soon one may follow another, and when the last result is out. */
#include "pe/array_fold.h"

static uint64_t at_least(uint64_t value, uint64_t least)
{
    return value > least ? value : least;
}

/* start of `next` minus start of `before`. */
static uint64_t fold_distance(const struct core *core, const struct fold *before,
                              const struct fold *next)
{
    /* Results of a fold that uses fewer rows reach the way out earlier; they must not meet those
     * before them. */
    uint64_t exit_gap =
        core->fill != HIDDEN && before->depth > next->depth ? before->depth - next->depth : 0;
    uint64_t distance = before->stream + before->latency;
    if (core->fill == EXPOSED)
        distance += before->skew;
    else if (core->dataflow != OUTPUT_STATIONARY)
        distance += exit_gap;
    if (core->preload == EXPOSED)
        distance += next->preload;
    if (core->drain == EXPOSED)
        distance += before->drain;
    if (core->preload == OVERLAPPED)
        distance = at_least(distance, next->preload);
    if (core->drain != HIDDEN && core->dataflow == OUTPUT_STATIONARY) {
        uint64_t drained = before->stream + before->drain + exit_gap;
        if (drained > next->stream)
            distance = at_least(distance, drained - next->stream);
    }
    return distance;
}

/* From the start of a fold to its last result. */
static uint64_t fold_finish(const struct core *core, const struct fold *fold)
{
    return fold->stream + fold->latency + (core->fill != HIDDEN ? fold->skew : 0) +
           (core->drain != HIDDEN ? fold->drain : 0);
}

struct chain array_chain(const struct core *core, const struct fold *fold)
{
    return (struct chain){
        .count = 1, .first = *fold, .last = *fold, .finish = fold_finish(core, fold)};
}

struct chain array_chain_join(const struct core *core, const struct chain *a, const struct chain *b)
{
    if (!a->count)
        return *b;
    if (!b->count)
        return *a;
    uint64_t offset = a->span + fold_distance(core, &a->last, &b->first);
    return (struct chain){
        .count = a->count + b->count,
        .first = a->first,
        .last = b->last,
        .span = offset + b->span,
        .finish = at_least(offset + b->finish, a->finish),
    };
}

struct chain array_chain_repeat(const struct core *core, const struct chain *chain, uint64_t times)
{
    struct chain result = *chain;
    result.count *= times;
    if (!result.count)
        return result;
    uint64_t period = chain->span + fold_distance(core, &chain->last, &chain->first);
    result.span += (times - 1) * period;
    result.finish += (times - 1) * period;
    return result;
}

uint64_t array_chain_cycles(const struct core *core, const struct chain *chain)
{
    return (core->preload != HIDDEN ? chain->first.preload : 0) + chain->finish;
}
