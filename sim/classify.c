#include "sim/classify.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_THREADS = 256 };

/* What the threads share. */
struct job {
    const struct classifier *classifier;
    const struct dataset *data;
    struct progress *progress;
    pthread_mutex_t lock;   /* guards everything below */
    int images, next, done; /* up to which image, the next one, how many are done */
    bool failed;
    struct score *score;
    struct err *err;
};

/* The next image to classify; -1 when there is none left or something failed. */
static int take(struct job *job)
{
    pthread_mutex_lock(&job->lock);
    bool more = !job->failed && !interrupt_pending() && job->next < job->images;
    int index = more ? job->next++ : -1;
    pthread_mutex_unlock(&job->lock);
    return index;
}

static void fail(struct job *job, const struct err *err)
{
    pthread_mutex_lock(&job->lock);
    if (!job->failed && job->err)
        *job->err = *err;
    job->failed = true;
    pthread_mutex_unlock(&job->lock);
}

/* Classes that rank before `label`. */
static int rank_of(const double *scores, int classes, int label)
{
    int before = 0;
    for (int i = 0; i < classes; i++)
        before += scores[i] > scores[label] || (scores[i] == scores[label] && i < label);
    return before;
}

static void count(struct job *job, int rank)
{
    pthread_mutex_lock(&job->lock);
    job->score->images++;
    job->score->top1 += rank < 1;
    job->score->top5 += rank < 5;
    progress_update(job->progress, ++job->done);
    pthread_mutex_unlock(&job->lock);
}

/* One image. False when its data cannot be read or its label is no class. */
static bool classify_one(struct job *job, void *worker, int index, float *image, double *scores)
{
    struct err err;
    int label, classes = job->classifier->classes;
    bool ok = dataset_read(job->data, index, image, &label, &err);
    if (ok && (label < 0 || label >= classes))
        ok = err_set(&err, "image %d has the label %d, but the network has %d classes", index,
                     label, classes);
    if (!ok) {
        fail(job, &err);
        return false;
    }
    job->classifier->run(worker, image, scores);
    count(job, rank_of(scores, classes, label));
    return true;
}

static void *work(void *argument)
{
    struct job *job = argument;
    const struct classifier *classifier = job->classifier;
    size_t elements = (size_t)classifier->channels * classifier->height * classifier->width;
    float *image = malloc(elements * sizeof *image);
    double *scores = malloc((size_t)classifier->classes * sizeof *scores);
    void *worker = image && scores ? classifier->open(classifier) : NULL;
    if (!worker) {
        struct err err;
        err_set(&err, "out of memory");
        fail(job, &err);
    }
    for (int index; worker && (index = take(job)) >= 0;)
        if (!classify_one(job, worker, index, image, scores))
            break;
    if (worker) {
        pthread_mutex_lock(&job->lock);
        classifier->close(worker, job->score);
        pthread_mutex_unlock(&job->lock);
    }
    free(image);
    free(scores);
    return NULL;
}

/* The caller's thread is one of the workers, so that one thread is always there. */
static void run_threads(struct job *job, int threads)
{
    pthread_t others[MAX_THREADS];
    int started = 0;
    while (started < threads - 1 && started < MAX_THREADS)
        if (pthread_create(&others[started], NULL, work, job))
            break;
        else
            started++;
    work(job);
    for (int i = 0; i < started; i++)
        pthread_join(others[i], NULL);
}

bool classifier_fits(const struct classifier *classifier, const struct dataset *data,
                     struct err *err)
{
    int channels, height, width;
    dataset_shape(data, &channels, &height, &width);
    if (channels == classifier->channels && height == classifier->height &&
        width == classifier->width)
        return true;
    return err_set(err, "the data's images are %d x %d x %d, the network takes %d x %d x %d",
                   channels, height, width, classifier->channels, classifier->height,
                   classifier->width);
}

/* Classify images first .. end - 1. */
static bool run_job(const struct classifier *classifier, const struct dataset *data, int first,
                    int end, int threads, struct progress *progress, struct score *score,
                    struct err *err)
{
    if (!classifier_fits(classifier, data, err))
        return false;
    struct job job = {.classifier = classifier,
                      .data = data,
                      .progress = progress,
                      .lock = PTHREAD_MUTEX_INITIALIZER,
                      .images = end,
                      .next = first,
                      .score = score,
                      .err = err};
    run_threads(&job, threads < end - first ? threads : end - first);
    if (!job.failed && job.done < end - first)
        return err_set(err, "interrupted after %d of %d images", job.done, end - first);
    return !job.failed;
}

bool classify_range(const struct classifier *classifier, const struct dataset *data, int first,
                    int count, struct score *score, struct err *err)
{
    return run_job(classifier, data, first, first + count, 1, NULL, score, err);
}

bool classify(const struct classifier *classifier, const struct dataset *data, int images,
              int threads, struct progress *progress, struct score *score, struct err *err)
{
    return run_job(classifier, data, 0, images, threads, progress, score, err);
}
