/* samestory-train: makes models. Parses the command line, calls the command, prints the error. */
#include "train/commands.h"

#include <cblas.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "Usage: samestory-train COMMAND [options] [FILE...]\n"
    "\n"
    "  table   trains the n-gram table on pairs of texts, with checkpoints; the same command again\n"
    "          goes on from the last one\n"
    "            --data DIR --sources FILE --checkpoint FILE [--samples N] [--own N] [--shared N]\n"
    "            [--stop N] [--bits N] [--dimension N] [--batch N] [--rate X] [--balance X]\n"
    "            [--join X] [--dropout X] [--seed N] [--threads N] [--minutes N]\n"
    "            [--dropped FILE] [--cache FILE] [--evaluate FILE]... [--evaluate-minutes N]\n"
    "            [--log FILE]\n"
    "  model   makes a model file of a checkpoint, word frequencies and judge.txt\n"
    "            --data DIR --sources FILE --frequencies DIR --checkpoint FILE --judge FILE\n"
    "            --output FILE [--cells N] [--threads N] [--dropped FILE] [--cache FILE]\n"
    "  judge   fits judge.txt on labelled JSONL files and reports it on folds that it did not see\n"
    "            --model FILE --output FILE [--data DIR --sources FILE [--dropped FILE]]\n"
    "            [--events FILE.tsv] [--reliability FILE.svg] [--mistakes FILE.tsv]\n"
    "            [--threads N] FILE...\n"
    "  crowd   counts false links among 100,000 documents of training texts that have nothing to do\n"
    "          with each other, and the true ones of labelled files that are left\n"
    "            --model FILE --data DIR --sources FILE [--dropped FILE] [--mistakes FILE.tsv]\n"
    "            [--threads N] FILE...\n"
    "  pack    puts a new judge.txt into a model file; --lexicon: also the tables of letters, months,\n"
    "          places, numbers and units made anew\n"
    "            --model FILE --judge FILE --output FILE [--lexicon [--data DIR]]\n"
    "  evaluate  scores vectors alone on labelled JSONL files, with intervals: those of a model file, or\n"
    "          those of a checkpoint before they are made small (then also --data DIR --sources FILE)\n"
    "            --model FILE | --checkpoint FILE [--threads N] FILE...\n"
    "  curve   draws the log of a training as SVG\n"
    "            --log FILE --output FILE\n"
    "  probe   tells what the cells of a model propose on labelled JSONL files\n"
    "            --model FILE FILE...\n"
    "  contamination  lists the training lines that hold a text of these JSONL files, or nearly;\n"
    "          status 1 if there are any that --dropped does not list\n"
    "            --data DIR [--dropped FILE] [--output FILE] [--threads N] FILE...\n"
    "  langid  trains the identifier of languages and puts it into a model file (so does model)\n"
    "            --data DIR --sources FILE [--frequencies DIR] [--dropped FILE] --model FILE\n"
    "            --output FILE\n"
    "  languages  tells how often it is right on JSONL files whose records name their language\n"
    "            --model FILE FILE...\n"
    "\n"
    "DIR of --data holds SOURCE.tsv.zst: lines of \"de-en<TAB>text<TAB>text\". See models/README.md.\n";

enum option_id {
    DATA = 1, SOURCES, DROPPED, CACHE, FREQUENCIES, CHECKPOINT, JUDGE, MODEL, OUTPUT, EVALUATE, LOG,
    LEXICON, RELIABILITY, MISTAKES, EVENTS, SAMPLES, OWN, SHARED, BITS, DIMENSION, BATCH, RATE, SEED,
    THREADS, MINUTES, EVALUATE_MINUTES, CELLS, STOP, BALANCE, JOIN, DROPOUT, HELP
};

static const struct option long_options[] = {
    {"data", required_argument, NULL, DATA},
    {"sources", required_argument, NULL, SOURCES},
    {"dropped", required_argument, NULL, DROPPED},
    {"cache", required_argument, NULL, CACHE},
    {"frequencies", required_argument, NULL, FREQUENCIES},
    {"checkpoint", required_argument, NULL, CHECKPOINT},
    {"judge", required_argument, NULL, JUDGE},
    {"model", required_argument, NULL, MODEL},
    {"output", required_argument, NULL, OUTPUT},
    {"evaluate", required_argument, NULL, EVALUATE},
    {"log", required_argument, NULL, LOG},
    {"samples", required_argument, NULL, SAMPLES},
    {"own", required_argument, NULL, OWN},
    {"shared", required_argument, NULL, SHARED},
    {"bits", required_argument, NULL, BITS},
    {"dimension", required_argument, NULL, DIMENSION},
    {"batch", required_argument, NULL, BATCH},
    {"rate", required_argument, NULL, RATE},
    {"seed", required_argument, NULL, SEED},
    {"threads", required_argument, NULL, THREADS},
    {"minutes", required_argument, NULL, MINUTES},
    {"lexicon", no_argument, NULL, LEXICON},
    {"reliability", required_argument, NULL, RELIABILITY},
    {"mistakes", required_argument, NULL, MISTAKES},
    {"events", required_argument, NULL, EVENTS},
    {"evaluate-minutes", required_argument, NULL, EVALUATE_MINUTES},
    {"cells", required_argument, NULL, CELLS},
    {"stop", required_argument, NULL, STOP},
    {"balance", required_argument, NULL, BALANCE},
    {"join", required_argument, NULL, JOIN},
    {"dropout", required_argument, NULL, DROPOUT},
    {"help", no_argument, NULL, HELP},
    {NULL, 0, NULL, 0},
};

static bool add_evaluated(train_options *o, const char *path)
{
    if (o->evaluate_count == sizeof o->evaluate / sizeof *o->evaluate) return false;
    o->evaluate[o->evaluate_count++] = path;
    return true;
}

static bool set_file(train_options *o, int id, const char *value)
{
    switch (id) {
    case DATA: o->data = value; break;
    case SOURCES: o->sources = value; break;
    case DROPPED: o->dropped = value; break;
    case CACHE: o->cache = value; break;
    case FREQUENCIES: o->frequencies = value; break;
    case CHECKPOINT: o->checkpoint = o->table.checkpoint = value; break;
    case JUDGE: o->judge = value; break;
    case MODEL: o->model = value; break;
    case OUTPUT: o->output = value; break;
    case EVALUATE: return add_evaluated(o, value);
    case LOG: o->log = value; break;
    case LEXICON: o->lexicon = true; break;
    case RELIABILITY: o->reliability = value; break;
    case MISTAKES: o->mistakes = value; break;
    case EVENTS: o->events = value; break;
    default: return false;
    }
    return true;
}

static bool set_number(train_options *o, int id, const char *value)
{
    table_options *t = &o->table;
    char *end;
    double number = strtod(value, &end);
    if (end == value || *end || !(number >= 0 && number < 1e15)) return false;
    switch (id) {
    case SAMPLES: t->samples = (uint64_t)number; break;
    case OWN: t->own = (size_t)number; break;
    case SHARED: t->shared = (size_t)number; break;
    case BITS: t->bits = (unsigned)number; break;
    case DIMENSION: t->dimension = (size_t)number; break;
    case BATCH: t->batch = (size_t)number; break;
    case RATE: t->rate = number; break;
    case SEED: t->seed = (uint64_t)number; break;
    case THREADS: t->threads = (unsigned)number; break;
    case MINUTES: t->minutes = number; break;
    case EVALUATE_MINUTES: o->evaluate_minutes = number; break;
    case CELLS: o->cells = (size_t)number; break;
    case STOP: t->stop = (uint64_t)number; break;
    case BALANCE: t->balance = number; break;
    case JOIN: t->join = number; break;
    case DROPOUT: t->dropout = number; break;
    default: return false;
    }
    return o->cells <= 65536 && t->threads <= 256;
}

typedef struct command {
    const char *name;
    samestory_status (*run)(const train_options *, samestory_error *);
} command;

static const command commands[] = {
    {"table", command_table},
    {"model", command_model},
    {"judge", command_judge},
    {"crowd", command_crowd},
    {"pack", command_pack},
    {"evaluate", command_evaluate},
    {"curve", command_curve},
    {"probe", command_probe},
    {"contamination", command_contamination},
    {"langid", command_langid},
    {"languages", command_languages},
};

static int report(samestory_status status, const samestory_error *error)
{
    if (!status) return 0;
    if (status == SAMESTORY_END) return 1; /* nothing failed: the answer is no */
    if (error->file[0] && error->line)
        fprintf(stderr, "samestory-train: %s:%llu: %s\n", error->file,
                (unsigned long long)error->line, error->message);
    else if (error->file[0]) fprintf(stderr, "samestory-train: %s: %s\n", error->file, error->message);
    else fprintf(stderr, "samestory-train: %s\n", error->message);
    return status == SAMESTORY_BAD_ARGUMENT ? 2 : status == SAMESTORY_MODEL_MISMATCH ? 4 : 3;
}

int main(int argc, char **argv)
{
    openblas_set_num_threads(1); /* our own threads share the work */
    train_options o = {
        .cells = 3584, .evaluate_minutes = 15,
        .table = {.bits = 22, .own = 262144, .shared = 131072, .dimension = 256, .batch = 2048,
                  .samples = 30000000, .seed = 1, .rate = 0.3, .scale = 20, .sif = 1e-4,
                  .alpha = 0.75, .balance = 0.3, .join = 0.5, .dropout = 0.1, .threads = 2,
                  .minutes = 5}};
    int id;
    while ((id = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (id == HELP) {
            fputs(usage, stdout);
            return 0;
        }
        if (id == '?' || !(id < SAMPLES ? set_file(&o, id, optarg) : set_number(&o, id, optarg))) {
            fputs(usage, stderr);
            return 2;
        }
    }
    if (optind < argc) {
        o.files = (const char *const *)(argv + optind + 1);
        o.file_count = (size_t)(argc - optind - 1);
        for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
            samestory_error error = {0};
            if (!strcmp(argv[optind], commands[i].name))
                return report(commands[i].run(&o, &error), &error);
        }
    }
    fputs(usage, stderr);
    return 2;
}
