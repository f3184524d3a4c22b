#include "compiler/scale_memo.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    struct entry *next;
    struct scale_question question;
    double error;
    int channels;
    double scales[]; /* [channels] */
};

struct scale_memo {
    pthread_mutex_t lock;
    struct entry *first;
};

struct scale_memo *scale_memo_new(void)
{
    struct scale_memo *memo = calloc(1, sizeof *memo);
    if (!memo || pthread_mutex_init(&memo->lock, NULL))
        abort();
    return memo;
}

void scale_memo_free(struct scale_memo *memo)
{
    if (!memo)
        return;
    for (struct entry *entry = memo->first, *next; entry; entry = next) {
        next = entry->next;
        free(entry);
    }
    pthread_mutex_destroy(&memo->lock);
    free(memo);
}

static bool is_same(const struct scale_question *a, const struct scale_question *b)
{
    return a->layer == b->layer && a->tensor_scales == b->tensor_scales &&
           a->format.family == b->format.family && a->format.bits == b->format.bits &&
           a->format.is_signed == b->format.is_signed &&
           a->rule.power_of_two == b->rule.power_of_two &&
           a->rule.most_outliers == b->rule.most_outliers;
}

bool scale_memo_recall(struct scale_memo *memo, const struct scale_question *question,
                       double *scales, int channels, double *error)
{
    pthread_mutex_lock(&memo->lock);
    const struct entry *entry = memo->first;
    while (entry && !(entry->channels == channels && is_same(&entry->question, question)))
        entry = entry->next;
    pthread_mutex_unlock(&memo->lock); /* what is kept stays as it is */
    if (!entry)
        return false;
    memcpy(scales, entry->scales, (size_t)channels * sizeof *scales);
    *error = entry->error;
    return true;
}

/* Two threads may have found the same: the second entry is never reached. */
void scale_memo_keep(struct scale_memo *memo, const struct scale_question *question,
                     const double *scales, int channels, double error)
{
    size_t size = (size_t)channels * sizeof *scales;
    struct entry *entry = malloc(sizeof *entry + size);
    if (!entry)
        abort();
    entry->question = *question;
    entry->error = error;
    entry->channels = channels;
    memcpy(entry->scales, scales, size);
    pthread_mutex_lock(&memo->lock);
    entry->next = memo->first;
    memo->first = entry;
    pthread_mutex_unlock(&memo->lock);
}
