/* The command line: one table of options, each with the subcommands that know it. */
#include "options.h"
#include "cli.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef enum key {
    TEXT_FIELD,
    TITLE_FIELD,
    ID_FIELD,
    URL_FIELD,
    DATE_FIELD,
    LANGUAGE_FIELD,
    SOURCE_FIELD,
    LABEL_FIELD,
    MODEL,
    OUTPUT,
    REJECT,
    ON_ERROR,
    KEEP,
    DROP,
    WINDOW,
    COPY_WINDOW,
    THRESHOLD,
    PRESET,
    THREADS,
    IDS_REPEAT,
    NO_DATES,
    QUIET,
    HTML,
    ALL,
    LIST,
    PATHS_BASE,
    SHARD,
    INDEX,
    COMMIT,
    VERDICT_ONLY,
    MARK,
    VERBOSE,
    QUERY,
    BEFORE,
    AS_STREAM,
    FEED,
    MEMORY,
    TMP,
    RESUME
} key;

enum {
    ANY_FILE = COMMAND_DEDUP | COMMAND_PAIRS | COMMAND_EXPLAIN | COMMAND_EMBED | COMMAND_EVAL |
               COMMAND_FILTER | COMMAND_PLAN,
    ANY = ANY_FILE | COMMAND_MODEL | COMMAND_STORIES | COMMAND_INDEX
};

typedef struct option {
    const char *name;
    char letter;
    bool value; /* takes one */
    key key;
    unsigned commands;
} option;

static const option table[] = {
    {"text-field", 0, true, TEXT_FIELD, ANY_FILE},
    {"title-field", 0, true, TITLE_FIELD, ANY_FILE},
    {"id-field", 0, true, ID_FIELD, ANY_FILE},
    {"url-field", 0, true, URL_FIELD, ANY_FILE},
    {"date-field", 0, true, DATE_FIELD, ANY_FILE},
    {"language-field", 0, true, LANGUAGE_FIELD, ANY_FILE},
    {"source-field", 0, true, SOURCE_FIELD, ANY_FILE},
    {"label-field", 0, true, LABEL_FIELD, COMMAND_EVAL},
    {"model", 'm', true, MODEL, ANY},
    {"output", 'o', true, OUTPUT, COMMAND_DEDUP},
    {"reject", 0, true, REJECT, ANY_FILE},
    {"on-error", 0, true, ON_ERROR, ANY_FILE},
    {"keep", 0, true, KEEP, COMMAND_DEDUP},
    {"drop", 0, true, DROP, COMMAND_DEDUP | COMMAND_FILTER},
    {"window", 0, true, WINDOW, COMMAND_DEDUP | COMMAND_EXPLAIN | COMMAND_EVAL | COMMAND_FILTER},
    {"copy-window", 0, true, COPY_WINDOW,
     COMMAND_DEDUP | COMMAND_EXPLAIN | COMMAND_EVAL | COMMAND_FILTER},
    {"threshold", 0, true, THRESHOLD,
     COMMAND_DEDUP | COMMAND_PAIRS | COMMAND_EXPLAIN | COMMAND_EVAL | COMMAND_STORIES | COMMAND_FILTER},
    {"preset", 0, true, PRESET,
     COMMAND_DEDUP | COMMAND_PAIRS | COMMAND_EXPLAIN | COMMAND_EVAL | COMMAND_STORIES | COMMAND_FILTER},
    {"html", 0, false, HTML, COMMAND_EXPLAIN},
    {"threads", 'j', true, THREADS, ANY_FILE},
    {"ids-repeat", 0, false, IDS_REPEAT, ANY_FILE},
    {"no-dates", 0, false, NO_DATES, ANY_FILE},
    {"quiet", 'q', false, QUIET, ANY},
    {"all", 0, false, ALL, COMMAND_PAIRS},
    {"list", 0, true, LIST, COMMAND_PAIRS},
    {"paths-base", 0, true, PATHS_BASE, ANY_FILE},
    {"shard", 0, true, SHARD, ANY_FILE},
    {"as-stream", 0, false, AS_STREAM, COMMAND_DEDUP | COMMAND_STORIES},
    {"index", 0, true, INDEX, COMMAND_FILTER},
    {"commit", 0, true, COMMIT, COMMAND_FILTER},
    {"verdict-only", 0, false, VERDICT_ONLY, COMMAND_FILTER},
    {"mark", 0, false, MARK, COMMAND_FILTER},
    {"feed", 0, false, FEED, COMMAND_FILTER},
    {"query", 0, false, QUERY, COMMAND_FILTER},
    {"verbose", 'v', false, VERBOSE, COMMAND_FILTER},
    {"before", 0, true, BEFORE, COMMAND_INDEX},
    {"memory", 0, true, MEMORY, COMMAND_DEDUP | COMMAND_PLAN},
    {"tmp", 0, true, TMP, COMMAND_DEDUP | COMMAND_PLAN},
    {"resume", 0, false, RESUME, COMMAND_DEDUP},
};
enum { OPTIONS = sizeof table / sizeof *table };

/* ---- Values ------------------------------------------------------------------------------------
 */

static int bad_value(const option *o, const char *value, const char *wanted)
{
    cli_say("--%s %s: give %s", o->name, value, wanted);
    return EXIT_USAGE;
}

/* "90s", "1.5h", "7d", "2w" in seconds; -1 for "unlimited"; 0 for anything else. */
static int64_t parse_duration(const char *text)
{
    static const char units[] = "smhdw";
    static const double seconds[] = {1, 60, 3600, 86400, 604800};
    if (!strcmp(text, "unlimited")) return -1;
    if (*text < '0' || *text > '9') return 0; /* strtod knows "inf" and "0x10" */
    char *end;
    double number = strtod(text, &end);
    const char *unit = *end ? strchr(units, *end) : NULL;
    if (!unit || end[1] || strpbrk(text, "xXpP")) return 0;
    double value = ceil(number * seconds[unit - units]);
    return value >= 1 && value < 1e15 ? (int64_t)value : 0;
}

static int set_window(const option *o, const char *value, int64_t *window, int64_t unlimited)
{
    int64_t seconds = parse_duration(value);
    if (!seconds) return bad_value(o, value, "a time such as 12h, 7d, 2w, or unlimited");
    *window = seconds < 0 ? unlimited : seconds;
    return 0;
}

static int set_threshold(const option *o, const char *value, double *threshold)
{
    char *end;
    double number = strtod(value, &end);
    if (end == value || *end || !(number > 0 && number <= 1))
        return bad_value(o, value, "a probability above 0, at most 1");
    *threshold = number;
    return 0;
}

static int set_preset(const option *o, const char *value, samestory_preset *preset)
{
    static const char *const names[] = {"standard", "strict", "loose"};
    for (unsigned i = 0; i < SAMESTORY_PRESETS; i++)
        if (!strcmp(value, names[i])) {
            *preset = (samestory_preset)i;
            return 0;
        }
    return bad_value(o, value, "standard, strict or loose");
}

static int set_threads(const option *o, const char *value, unsigned *threads)
{
    char *end;
    errno = 0;
    long number = strtol(value, &end, 10);
    if (end == value || *end || errno || number < 1 || number > 256)
        return bad_value(o, value, "a number from 1 to 256");
    *threads = (unsigned)number;
    return 0;
}

/* "2G", "512M", "1.5g", "300000K", "2GB", "2GiB" or bytes: units are powers of 1,024. */
static int set_memory(const option *o, const char *value, size_t *memory)
{
    static const char units[] = "kmgt";
    char *end;
    double number = *value >= '0' && *value <= '9' ? strtod(value, &end) : 0;
    if (number > 0 && *end) {
        const char *unit = strchr(units, *end | 0x20);
        for (const char *u = units; unit && u <= unit; u++) number *= 1024;
        end += unit != NULL;
        if (unit && (*end == 'i' || *end == 'I')) end++;
        if (*end == 'b' || *end == 'B') end++;
        if (*end) number = 0;
    }
    if (!(number >= 1 && number < 1e18)) return bad_value(o, value, "a size such as 2G or 512M");
    *memory = (size_t)number;
    return 0;
}

static int set_keep(const option *o, const char *value, cli_options *options)
{
    static const char *const names[] = {"first", "longest", "newest"};
    for (int i = 0; i < 3; i++)
        if (!strcmp(value, names[i])) {
            options->keep = (cli_keep)(KEEP_FIRST + i);
            options->keep_name = names[i];
            return 0;
        }
    return bad_value(o, value, "first, longest or newest");
}

/* "i/N"; counted from 0 or from 1, as N/N is the same share as 0/N. */
static int set_shard(const option *o, const char *value, samestory_reader_options *reader)
{
    char *slash, *end;
    errno = 0;
    unsigned long share = strtoul(value, &slash, 10);
    unsigned long all = *slash == '/' ? strtoul(slash + 1, &end, 10) : 0;
    bool digits = *value >= '0' && *value <= '9' && all && slash[1] >= '0' && slash[1] <= '9';
    if (!digits || *end || errno || all > 1000000 || share > all)
        return bad_value(o, value,
                         "i/N, such as 0/4, 1/4, 2/4 and 3/4 for the four shares of an input");
    reader->shard = (unsigned)share;
    reader->shards = (unsigned)all;
    return 0;
}

/* A list of relations, with commas between. */
static int set_drop(const option *o, const char *value, cli_options *options)
{
    memset(options->drop, 0, sizeof options->drop);
    for (const char *p = value;; p++) {
        size_t size = strcspn(p, ",");
        int found = 0;
        for (int r = SAMESTORY_COPY; r <= SAMESTORY_STORY; r++) {
            const char *name = samestory_relation_name((samestory_relation)r);
            if (strlen(name) == size && !memcmp(name, p, size)) found = r;
        }
        if (!found) return bad_value(o, value, "some of copy,revision,story");
        options->drop[found] = true;
        p += size;
        if (*p) continue;
        options->dropping = true;
        if (options->command == COMMAND_FILTER) return 0;
        /* Who names what to drop wants it dropped. */
        return options->keep ? 0 : set_keep(o, "first", options);
    }
}

/* A time, a number of records, or "each". */
static int set_commit(const option *o, const char *value, cli_options *options)
{
    char *end;
    options->commit_records = 0;
    if (!strcmp(value, "each")) options->commit_records = 1;
    else if (strspn(value, "0123456789") == strlen(value)) options->commit_records = (size_t)strtoul(value, &end, 10);
    else options->commit_seconds = (double)parse_duration(value);
    bool good = options->commit_records ? options->commit_records < 1000000 : options->commit_seconds > 0;
    return good && *value != '0' ? 0 : bad_value(o, value, "a time such as 1s, a number of records up to 999999, or each");
}

static int set_on_error(const option *o, const char *value, cli_options *options)
{
    options->stop_on_error = !strcmp(value, "stop");
    if (options->stop_on_error || !strcmp(value, "pass")) return 0;
    return bad_value(o, value, "stop or pass");
}

static int set_option(const option *o, const char *value, cli_options *options)
{
    samestory_reader_options *reader = &options->reader;
    samestory_options *engine = &options->engine;
    switch (o->key) {
    case TEXT_FIELD: reader->text_field = value; break;
    case TITLE_FIELD: reader->title_field = value; break;
    case ID_FIELD: reader->id_field = value; break;
    case URL_FIELD: reader->url_field = value; break;
    case DATE_FIELD: reader->date_field = value; break;
    case LANGUAGE_FIELD: reader->language_field = value; break;
    case SOURCE_FIELD: reader->source_field = value; break;
    case LABEL_FIELD: reader->label_field = value; break;
    case MODEL: options->model = value; break;
    case OUTPUT: options->output_folder = value; break;
    case REJECT: options->reject = value; break;
    case ON_ERROR: return set_on_error(o, value, options);
    case KEEP: return set_keep(o, value, options);
    case DROP: return set_drop(o, value, options);
    case WINDOW: return set_window(o, value, &engine->window, -1);
    case COPY_WINDOW: return set_window(o, value, &engine->copy_window, -1);
    case THRESHOLD: return set_threshold(o, value, &engine->threshold);
    case PRESET: return set_preset(o, value, &engine->preset);
    case HTML: options->html = true; break;
    case THREADS: return set_threads(o, value, &engine->threads);
    case IDS_REPEAT: engine->ids_repeat = true; break;
    case NO_DATES: engine->ignore_dates = true; break;
    case QUIET: options->quiet = true; break;
    case ALL: options->all_pairs = true; break;
    case LIST: options->list = value; break;
    case PATHS_BASE: reader->paths_base = value; break;
    case SHARD: return set_shard(o, value, reader);
    case AS_STREAM: engine->as_stream = true; break;
    case INDEX: options->index = value; break;
    case COMMIT: return set_commit(o, value, options);
    case VERDICT_ONLY: options->verdict_only = true; break;
    case MARK: options->mark = true; break;
    case FEED: options->feed = true; break;
    case QUERY: options->query = true; break;
    case VERBOSE: options->verbose = true; break;
    case BEFORE: options->before = value; break;
    case MEMORY: return set_memory(o, value, &engine->memory);
    case TMP: options->tmp = value; break;
    case RESUME: engine->resume = true; break;
    }
    return 0;
}

/* ---- Names --------------------------------------------------------------------------------------
 */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters must be put in, left out or changed (Levenshtein 1966). */
static size_t distance(const char *a, const char *b)
{
    enum { LONGEST = 32 };
    size_t row[LONGEST + 1], n = strlen(b);
    if (n > LONGEST || strlen(a) > LONGEST) return SIZE_MAX;
    for (size_t j = 0; j <= n; j++) row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 1; j <= n; j++) {
            size_t changed = diagonal + (a[i] != b[j - 1]);
            diagonal = row[j];
            row[j] = least(changed, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[n];
}

const char *cli_nearest(const char *word, const char *const *names)
{
    const char *nearest = NULL;
    size_t best = strlen(word) / 3 + 2;
    for (; *names; names++) {
        size_t d = distance(word, *names);
        if (d < best) best = d, nearest = *names;
    }
    return nearest;
}

static int unknown_option(const char *given, const char *name, const cli_options *options)
{
    const char *names[OPTIONS + 1];
    size_t count = 0;
    for (size_t i = 0; i < OPTIONS; i++)
        if (table[i].commands & options->command) names[count++] = table[i].name;
    names[count] = NULL;
    const char *meant = name ? cli_nearest(name, names) : NULL;
    if (meant)
        cli_say("%s has no option %s: did you mean --%s? See \"samestory help %s\"",
                options->command_name, given, meant, options->command_name);
    else
        cli_say("%s has no option %s: see \"samestory help %s\"", options->command_name, given,
                options->command_name);
    return EXIT_USAGE;
}

static const option *find_long(const char *name, size_t size, unsigned command)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if ((table[i].commands & command) && strlen(table[i].name) == size &&
            !memcmp(table[i].name, name, size))
            return &table[i];
    return NULL;
}

static const option *find_short(char letter, unsigned command)
{
    for (size_t i = 0; letter && i < OPTIONS; i++)
        if ((table[i].commands & command) && table[i].letter == letter) return &table[i];
    return NULL;
}

/* ---- Words
 * ---------------------------------------------------------------------------------------- */

/* What is left to read of argv. */
typedef struct words {
    char **next;
    char **end;
} words;

static int needs_value(const option *o)
{
    cli_say("--%s needs a value: see \"samestory help\"", o->name);
    return EXIT_USAGE;
}

static int read_long(const char *word, words *w, cli_options *options)
{
    char name[64];
    size_t size = strcspn(word + 2, "=");
    const char *value = word[2 + size] ? word + 3 + size : NULL;
    const option *o = find_long(word + 2, size, options->command);
    if (!o) {
        if (size >= sizeof name) size = sizeof name - 1;
        memcpy(name, word + 2, size);
        name[size] = 0;
        return unknown_option(word, name, options);
    }
    if (!o->value && value) {
        cli_say("--%s takes no value: leave out =%s", o->name, value);
        return EXIT_USAGE;
    }
    if (o->value && !value) {
        if (w->next == w->end) return needs_value(o);
        value = *w->next++;
    }
    return set_option(o, value, options);
}

/* "-q", "-qo DIR", "-oDIR" */
static int read_short(const char *word, words *w, cli_options *options)
{
    for (const char *letter = word + 1; *letter; letter++) {
        const option *o = find_short(*letter, options->command);
        if (!o) return unknown_option(word, NULL, options);
        const char *value = NULL;
        if (o->value) {
            value = letter[1] ? letter + 1 : w->next < w->end ? *w->next++ : NULL;
            if (!value) return needs_value(o);
        }
        int wrong = set_option(o, value, options);
        if (wrong || o->value) return wrong;
    }
    return 0;
}

int cli_options_read(int argc, char **argv, cli_options *options)
{
    words w = {argv + 2, argv + argc};
    bool only_operands = false;
    options->operands = argv;
    options->operand_count = 0;
    while (w.next < w.end) {
        char *word = *w.next++;
        int wrong = 0;
        if (only_operands || word[0] != '-' || !word[1])
            options->operands[options->operand_count++] = word;
        else if (!strcmp(word, "--"))
            only_operands = true;
        else
            wrong = word[1] == '-' ? read_long(word, &w, options) : read_short(word, &w, options);
        if (wrong) return wrong;
    }
    return 0;
}
