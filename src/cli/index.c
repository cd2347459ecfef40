/* samestory index: looks after what filter keeps. */
#include "cli.h"
#include "commands.h"
#include "model.h"
#include "output.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_NO = 1 };

/* ---- stats, export
 * ----------------------------------------------------------------------------------------- */

static void put_date(output *o, const char *name, int64_t date)
{
    char text[64];
    struct tm parts;
    time_t seconds = (time_t)date;
    output_text(o, name);
    if (date == SAMESTORY_NO_DATE || !gmtime_r(&seconds, &parts) ||
        !strftime(text, sizeof text, "\"%Y-%m-%dT%H:%M:%SZ\"", &parts))
        strcpy(text, "null");
    output_text(o, text);
}

static void put_count(output *o, const char *name, uint64_t count)
{
    output_text(o, name);
    output_count(o, count);
}

static int stats(const char *folder)
{
    samestory_index_stats s = {.struct_size = sizeof s};
    samestory_error error;
    output o;
    char model[32];
    if (samestory_index_look(folder, &s, &error)) return cli_fail(&error);
    int code = output_open(&o, NULL);
    if (code) return code;
    uint64_t bytes = s.bytes_sketches + s.bytes_keys + s.bytes_statistics + s.bytes_catalogue;
    put_count(&o, "{\"documents\":", s.documents - s.deleted);
    put_count(&o, ",\"deleted\":", s.deleted);
    put_count(&o, ",\"given\":", s.given);
    put_count(&o, ",\"slices\":", s.slices);
    put_count(&o, ",\"closed_slices\":", s.closed);
    put_date(&o, ",\"earliest\":", s.earliest);
    put_date(&o, ",\"latest\":", s.latest);
    put_count(&o, ",\"bytes\":", bytes);
    put_count(&o, ",\"bytes_sketches\":", s.bytes_sketches);
    put_count(&o, ",\"bytes_keys\":", s.bytes_keys);
    put_count(&o, ",\"bytes_statistics\":", s.bytes_statistics);
    put_count(&o, ",\"bytes_catalogue\":", s.bytes_catalogue);
    output_text(&o, ",\"bytes_per_document\":");
    output_number(&o, s.documents ? (double)bytes / (double)s.documents : 0, 1);
    snprintf(model, sizeof model, "%016" PRIx64, s.model);
    output_text(&o, ",\"model\":");
    output_json_text(&o, model);
    output_text(&o, "}\n");
    return output_close(&o);
}

static bool put_document(void *context, samestory_string id, int64_t date,
                         const samestory_verdict *verdict)
{
    output *o = context;
    char *text;
    size_t size;
    if (samestory_verdict_line(id, verdict, &text, &size)) return false;
    output_bytes(o, text, size - 1); /* without the bracket that ends it */
    put_date(o, ",\"date\":", date);
    output_text(o, "}\n");
    samestory_free(text);
    return !o->error;
}

static int export(const char *folder)
{
    samestory_error error;
    output o;
    int code = output_open(&o, NULL);
    if (code) return code;
    samestory_status status = samestory_index_export(folder, put_document, &o, &error);
    if (status) code = cli_fail(&error);
    int closed = output_close(&o);
    return code ? code : closed;
}

/* ---- verify
 * ------------------------------------------------------------------------------------------------
 */

enum { DAMAGES_NAMED = 20 };

typedef struct damages {
    const char *folder;
    size_t named;
} damages;

static void name_damage(void *context, const char *file, const char *what)
{
    damages *d = context;
    if (d->named++ < DAMAGES_NAMED) cli_say("%s/%s: %s", d->folder, file, what);
}

static int look_at_all(const char *folder, bool quiet)
{
    samestory_error error;
    damages d = {folder, 0};
    uint64_t count;
    if (samestory_index_verify(folder, name_damage, &d, &count, &error)) return cli_fail(&error);
    if (count)
        cli_say("%s: %" PRIu64 " damages: samestory index rebuild keeps what is sound", folder,
                count);
    else if (!quiet)
        cli_say("%s: every byte is as it was written", folder);
    return count ? EXIT_NO : EXIT_FINE;
}

/* A catalogue can be damaged so that LMDB stumbles: that must not end the command unheard, so
 * another process looks. */
static int verify(const char *folder, bool quiet)
{
    int state;
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) return look_at_all(folder, quiet);
    if (!child) {
        signal(SIGABRT, SIG_DFL);
        _exit(look_at_all(folder, quiet));
    }
    while (waitpid(child, &state, 0) < 0) continue;
    if (WIFEXITED(state)) return WEXITSTATUS(state);
    cli_say("%s/catalogue.mdb: is damaged: run samestory index rebuild", folder);
    return EXIT_NO;
}

/* ---- expire, delete, compact, rebuild
 * ------------------------------------------------------------------------ */

static int expire(const char *folder, const cli_options *options)
{
    samestory_error error;
    int64_t before = options->before
                         ? samestory_parse_date(options->before, strlen(options->before))
                         : SAMESTORY_NO_DATE;
    if (before == SAMESTORY_NO_DATE) {
        cli_say("index expire needs --before DATE: 2026-01-31, for example");
        return EXIT_USAGE;
    }
    return samestory_index_expire(folder, before, &error) ? cli_fail(&error) : EXIT_FINE;
}

typedef struct id_list {
    samestory_string *id;
    size_t count, capacity;
} id_list;

static bool add_id(id_list *l, const char *text, size_t size)
{
    if (l->count == l->capacity) {
        size_t wish = l->capacity * 2 + 16;
        samestory_string *moved = realloc(l->id, wish * sizeof *moved);
        if (!moved) return false;
        l->id = moved;
        l->capacity = wish;
    }
    char *copy = malloc(size + 1);
    if (!copy) return false;
    memcpy(copy, text, size);
    l->id[l->count++] = (samestory_string){copy, size};
    return true;
}

static bool read_ids(id_list *l)
{
    char *line = NULL;
    size_t capacity = 0;
    bool good = true;
    for (ssize_t size; good && (size = getline(&line, &capacity, stdin)) >= 0;) {
        while (size && (line[size - 1] == '\n' || line[size - 1] == '\r')) size--;
        if (size) good = add_id(l, line, (size_t)size);
    }
    free(line);
    return good;
}

static int delete (const char *folder, const cli_options *options)
{
    id_list l = {NULL, 0, 0};
    samestory_error error;
    uint64_t deleted;
    bool good = true;
    for (size_t i = 2; good && i < options->operand_count; i++) {
        const char *id = options->operands[i];
        good = strcmp(id, "-") != 0 ? add_id(&l, id, strlen(id)) : read_ids(&l);
    }
    int code = good ? 0 : cli_fail_memory();
    if (!code && !l.count) {
        cli_say("index delete needs ids: name them, or give one a line on stdin (-)");
        code = EXIT_USAGE;
    }
    if (!code && samestory_index_delete(folder, l.id, l.count, &deleted, &error))
        code = cli_fail(&error);
    else if (!code && !options->quiet)
        cli_say("%" PRIu64 " documents of %zu ids taken down", deleted, l.count);
    for (size_t i = 0; i < l.count; i++) {
        union {
            const char *given;
            char *owned;
        } p = {l.id[i].data};
        free(p.owned);
    }
    free(l.id);
    return code;
}

static int compact(const char *folder, bool quiet)
{
    samestory_error error;
    uint64_t freed;
    if (samestory_index_compact(folder, &freed, &error)) return cli_fail(&error);
    if (!quiet) cli_say("%" PRIu64 " bytes freed", freed);
    return EXIT_FINE;
}

static int rebuild(const char *folder, const cli_options *options)
{
    samestory_model *model;
    samestory_error error;
    uint64_t documents, lost;
    int code = model_open(options, &model);
    if (code) return code;
    if (samestory_index_rebuild(model, folder, &documents, &lost, &error))
        code = cli_fail(&error);
    else if (!options->quiet)
        cli_say("%" PRIu64 " documents, %" PRIu64 " of them damaged and taken out", documents,
                lost);
    samestory_model_free(model);
    return code;
}

int index_run(const cli_options *options)
{
    static const char *const names[] = {"stats",  "verify",  "expire",  "delete",
                                        "export", "compact", "rebuild", NULL};
    const char *what = options->operand_count ? options->operands[0] : NULL;
    const char *folder = options->operand_count > 1 ? options->operands[1] : NULL;
    const char *meant = what ? cli_nearest(what, names) : NULL;
    if (!what || !meant || strcmp(meant, what) != 0) {
        if (meant)
            cli_say("no index %s: did you mean %s? See \"samestory help index\"", what, meant);
        else
            cli_say("index needs to know what: stats, verify, expire, delete, export, compact or "
                    "rebuild");
        return EXIT_USAGE;
    }
    if (!folder || (options->operand_count > 2 && strcmp(what, "delete") != 0)) {
        cli_say("index %s needs one folder: see \"samestory help index\"", what);
        return EXIT_USAGE;
    }
    switch (what[0]) {
    case 's': return stats(folder);
    case 'v': return verify(folder, options->quiet);
    case 'd': return delete (folder, options);
    case 'c': return compact(folder, options->quiet);
    case 'r': return rebuild(folder, options);
    default: return !strcmp(what, "expire") ? expire(folder, options) : export(folder);
    }
}
