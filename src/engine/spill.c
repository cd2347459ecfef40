/* A collection that need not fit in memory, and may be taken up again: its sketches in a file of
 * the folder that the options name, its answers in another once all are judged.
 *
 * The file of answers: magic "SSjudge2", XXH3 of the rest, then what `judged` says, the answers and
 * the edges as they are in memory: it is for the machine that wrote it. */
#include "base/file.h"
#include "base/status.h"
#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

static const char magic[8] = "SSjudge2";

typedef struct judged {
    uint64_t stamp; /* of the sketches, and of what the judge was told */
    uint64_t documents, edges;
    samestory_report report;
} judged;

/* Everything that the sketches depend on. */
static uint64_t stamp_of_sketches(const samestory_engine *e)
{
    const uint64_t parts[] = {SS_SKETCH_VERSION, e->model->stamp, e->options.ignore_dates,
                              e->options.ids_repeat, e->options.input_stamp};
    return XXH3_64bits(parts, sizeof parts);
}

static uint64_t stamp_of_answers(const samestory_engine *e)
{
    uint64_t threshold;
    memcpy(&threshold, &e->threshold, sizeof threshold);
    const uint64_t parts[] = {ss_sketches_check(e->sketches),
                              e->count,
                              threshold,
                              (uint64_t)e->options.window,
                              (uint64_t)e->options.copy_window,
                              XXH3_64bits(e->model->judge_parsed, sizeof *e->model->judge_parsed),
                              XXH3_64bits(SAMESTORY_VERSION, sizeof SAMESTORY_VERSION)};
    return XXH3_64bits(parts, sizeof parts);
}

/* folder/name; the caller frees it. NULL when memory is out. */
static char *path_in(const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);
    if (path) snprintf(path, size, "%s/%s", folder, name);
    return path;
}

static bool keep_read(void *context, const ss_sketch *sketch, samestory_string id)
{
    return ss_number_document(context, sketch, id);
}

samestory_status ss_spill_open(samestory_engine *e, samestory_error *error)
{
    const samestory_options *o = &e->options;
    samestory_status status = ss_shelf_new(o->folder, o->memory, &e->shelf, error);
    if (status) return status;
    e->options.folder = ss_shelf_folder(e->shelf);
    if (o->resumable) {
        e->sketches_path = path_in(o->folder, "samestory.sketches");
        e->answers_path = path_in(o->folder, "samestory.judged");
        if (!e->sketches_path || !e->answers_path) return ss_fail_memory(error);
    }
    status = ss_sketches_open(e->shelf, e->sketches_path, stamp_of_sketches(e),
                              o->resumable && o->resume, &e->sketches, error);
    if (!status) status = ss_sketches_load(e->sketches, keep_read, e, error);
    e->taken_up = e->count;
    return status;
}

void ss_spill_free(samestory_engine *e)
{
    ss_shelved_free(e->shelf, &e->edges);
    ss_shelved_free(e->shelf, &e->rows);
    ss_sketches_free(e->sketches);
    ss_shelf_free(e->shelf);
    free(e->sketches_path);
    free(e->answers_path);
}

samestory_status ss_spill_add(samestory_engine *e, const ss_sketch *const *sketch,
                              const samestory_string *id, size_t count, samestory_error *error)
{
    samestory_status status = ss_sketches_add(e->sketches, sketch, id, count, keep_read, e, error);
    ss_shelf_relieve(e->shelf);
    return status;
}

/* ---- Answers
 * ------------------------------------------------------------------------------------------- */

samestory_status ss_spill_save(const samestory_engine *e, samestory_error *error)
{
    if (!e->answers_path) return SAMESTORY_OK;
    judged head = {stamp_of_answers(e), e->count, e->edge_count, e->report};
    XXH3_state_t *state = XXH3_createState();
    if (!state) return ss_fail_memory(error);
    const ss_piece body[] = {{&head, sizeof head},
                             {e->answer, e->count * sizeof *e->answer},
                             {e->edge, e->edge_count * sizeof *e->edge}};
    XXH3_64bits_reset(state);
    for (size_t i = 0; i < 3; i++)
        if (body[i].size) XXH3_64bits_update(state, body[i].data, body[i].size);
    uint64_t check = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    const ss_piece pieces[] = {
        {magic, sizeof magic}, {&check, sizeof check}, body[0], body[1], body[2]};
    return ss_file_write(e->answers_path, pieces, 5, error);
}

static bool take_answers(samestory_engine *e, const char *data, size_t size)
{
    judged head;
    uint64_t check;
    size_t start = sizeof magic + sizeof check + sizeof head;
    if (size < start || memcmp(data, magic, sizeof magic)) return false;
    memcpy(&check, data + sizeof magic, sizeof check);
    memcpy(&head, data + sizeof magic + sizeof check, sizeof head);
    size_t answers = e->count * sizeof *e->answer, rest = size - start;
    if (head.stamp != stamp_of_answers(e) || head.documents != e->count || rest < answers ||
        (rest - answers) / sizeof *e->edge != head.edges ||
        check != XXH3_64bits(data + start - sizeof head, size - start + sizeof head) ||
        !ss_shelve(e->shelf, &e->edges, (size_t)head.edges * sizeof *e->edge + 1))
        return false;
    if (answers) memcpy(e->answer, data + start, answers);
    e->edge = e->edges.data;
    memcpy(e->edge, data + start + answers, rest - answers);
    e->edge_count = (size_t)head.edges;
    e->report = head.report;
    return true;
}

bool ss_spill_load(samestory_engine *e)
{
    void *data;
    size_t size;
    if (!e->answers_path || !e->options.resume || ss_file_map(e->answers_path, &data, &size, NULL))
        return false;
    bool good = take_answers(e, data, size);
    ss_file_unmap(data, size);
    return good;
}

void samestory_discard(samestory_engine *e)
{
    if (!e || !e->sketches_path) return;
    unlink(e->answers_path);
    unlink(e->sketches_path);
}
