/* What --help prints. */
#include "options.h"

#include <stdio.h>
#include <string.h>

const char *const cli_command_names[] = {"dedup", "pairs", "explain", "embed",
                                         "eval",  "model", "stories", "filter",
                                         "index", "plan", NULL};

unsigned cli_command_named(const char *name)
{
    for (unsigned i = 0; cli_command_names[i]; i++)
        if (!strcmp(name, cli_command_names[i])) return 1u << i;
    return 0;
}

static const char help_all[] =
    "samestory finds news reports that tell the same story, also across languages.\n"
    "\n"
    "  samestory dedup [options] [FILE|DIR|-]...   add to each record the story that it tells\n"
    "  samestory pairs --all FILE                  judge every pair of documents\n"
    "  samestory pairs --list IDS.tsv FILE         judge the pairs that a list names\n"
    "  samestory explain FILE A B                  all evidence on two documents, by their ids\n"
    "  samestory embed FILE                        the documents' vectors, as float32 .npy\n"
    "  samestory eval FILE                         scores on records that carry their true story\n"
    "  samestory stories EDGES.jsonl               stories of the edges that dedup -o wrote\n"
    "  samestory filter --index DIR                a stage of a stream: a line in, a line with its story out\n"
    "  samestory index WHAT DIR                    look after an index: stats, verify, rebuild ...\n"
    "  samestory plan FILE...                      memory, disk and time that dedup will take\n"
    "  samestory model                             what is in the model\n"
    "  samestory --version                         version, kernel, OpenBLAS core\n"
    "  samestory help COMMAND                      the options of a command\n"
    "\n"
    "FILE holds a JSON object a line (JSONL), or the records of a crawl (WARC, WET), or it is one\n"
    "document (*.txt, *.md); each also gzip, zstd or xz. DIR is a folder of such files; "
    "FILE.paths\n"
    "is a list of them. Results go to stdout, everything else to stderr.\n"
    "Exit status: 0 fine, 2 wrong usage, 3 input or output failed, 4 no fitting model, 5 out of "
    "memory.\n";

static const char help_dedup[] =
    "samestory dedup [options] [FILE|DIR|-]...\n"
    "\n"
    "Writes the records in their order, byte for byte, with one member added:\n"
    "  "
    "\"samestory\":{\"story\":ID,\"relation\":\"new|copy|revision|story\",\"of\":ID|null,\"p\":0."
    "97,\n"
    "               \"because\":[...]}\n"
    "Without FILE it reads stdin. Lines that are no JSON object pass through as they are. Records of\n"
    "a crawl, lines of sfeed and text files come out as {\"id\",\"url\",\"title\",\"date\",\"samestory\"}.\n"
    "\n"
    "  -o, --output DIR      write documents.jsonl, edges.jsonl, stories.jsonl, removed.jsonl and\n"
    "                        report.json there, nothing to stdout. edges.jsonl: each pair that may be\n"
    "                        a link, with \"p\", and \"alone\" where p would be that without what the\n"
    "                        other documents say of the two\n"
    "      --keep WHICH      of each group keep the first, longest or newest; leave out the "
    "others\n"
    "      --drop RELATIONS  what makes a group: some of copy,revision,story; all of them if not "
    "given\n"
    "                        (without --keep, the first of each group is kept)\n"
    "      --window TIME     between two reports of a story, and between one that arrives and the "
    "story's\n"
    "                        first: 12h, 7d (if not given), 2w, unlimited\n"
    "      --copy-window TIME  between copies; unlimited if not given\n"
    "      --threshold P     probability from which two documents tell one story\n"
    "      --preset WHICH    a threshold of the model: standard (if not given), strict or loose\n"
    "      --ids-repeat      equal ids mean nothing: each record is a document of its own\n"
    "      --as-stream       answer as filter would when it got the records by date: with what was known\n"
    "                        then; copies reach back 90 days if --copy-window is not given\n"
    "      --memory SIZE     stay below this much resident memory, such as 2G: what does not fit is\n"
    "                        kept in files of --tmp. Refuses (exit 5) when the input is too large\n"
    "                        for it: see \"samestory plan\"\n"
    "      --tmp DIR         a folder for temporary files, of this run alone: after a kill its files\n"
    "                        stay there (if not given: TMPDIR or /tmp, and nothing stays)\n"
    "      --resume          go on from the last finished step of the run that --tmp DIR was given to\n"
    "                        (give it again)\n";

static const char help_filter[] =
    "samestory filter --index DIR [options] [FILE|-]...\n"
    "samestory filter --feed --index DIR [options]\n"
    "\n"
    "A stage of a stream: reads a JSON object a line from stdin, and writes each at once to stdout, in its\n"
    "order, with the member \"samestory\" added as dedup does. The index in DIR is made when there is none.\n"
    "Records are compared with all that the index has seen; those older than both windows are forgotten.\n"
    "The same id and text again: the answer given first. The same id or URL with another text: a revision.\n"
    "What is no JSON object passes as it is. No date: the latest seen; one in the future: tomorrow.\n"
    "\n"
    "  --index DIR           the index; a folder on a disk of this machine. Many processes may use one at once\n"
    "      --window TIME     between two reports of a story, and between one that arrives and the story's\n"
    "                        first: 12h, 7d (if not given), 2w, unlimited\n"
    "      --copy-window TIME  between copies: 90d if not given\n"
    "      --drop RELATIONS  leave out records that are some of copy,revision,story\n"
    "      --mark            leave none out; those that --drop names get \"dropped\":true in \"samestory\"\n"
    "      --verdict-only    {\"id\":...,\"samestory\":{...}} instead of the record\n"
    "      --query           add nothing to the index, which may be read-only\n"
    "      --commit WHEN     make what was added safe after a time (1s if not given), a number of records, or\n"
    "                        each. A crash or a loss of power takes nothing back that was committed; what was\n"
    "                        not is unknown when it comes again, and gets the same answer. With each, an answer\n"
    "                        is given only when it is safe.\n"
    "      --feed            stdin is one feed, RSS, Atom or JSON Feed, and comes out without the entries that\n"
    "                        are copies of known ones (--drop: of which relations), every other byte as it\n"
    "                        was; with --mark none is left out, but copies, revisions and reports of a known\n"
    "                        story are marked: <category> and <samestory:verdict>, in JSON a tag and\n"
    "                        \"_samestory\". An entry that was let through once always is. Whatever goes\n"
    "                        wrong, the feed comes out as it was, with a note on stderr and exit status 0\n"
    "  -v, --verbose         name bad records on stderr, and print a summary at the end\n"
    "      --threshold P     probability from which two documents tell one story\n"
    "      --preset WHICH    a threshold of the model: standard (if not given), strict or loose\n"
    "      --ids-repeat      equal ids mean nothing: each record is a document of its own\n"
    "SIGTERM: finish the record, commit, end. SIGUSR1: print progress to stderr.\n";

static const char help_index[] =
    "samestory index stats DIR             what the index holds, as one JSON object\n"
    "samestory index verify DIR            look at every byte; exit 1 when something is damaged\n"
    "samestory index expire DIR --before DATE   forget the days before that date\n"
    "samestory index delete DIR ID...      take documents down: - reads ids from stdin, one a line\n"
    "samestory index export DIR            every document's id, date and answer, a JSON object a line\n"
    "samestory index compact DIR           remove what nothing needs any more\n"
    "samestory index rebuild DIR           make catalogue and postings anew from the stored sketches\n"
    "\n"
    "All but stats, verify and export wait for those who write, and may be used while filter runs; rebuild\n"
    "must have the index to itself.\n"
    "\n"
    "      --before DATE     2026-01-31, or any date that a record may have\n";


static const char help_plan[] =
    "samestory plan [options] FILE...\n"
    "\n"
    "Predicts from a sample what dedup of these files will take, and prints one JSON object:\n"
    "documents, bytes of memory without --memory and the least --memory, bytes of temporary files\n"
    "and of output, seconds; on this machine, with these threads.\n"
    "\n"
    "      --memory SIZE     also says whether dedup --memory SIZE would do\n"
    "      --tmp DIR         also says whether this folder has the room\n";

static const char help_pairs[] =
    "samestory pairs --all FILE...\n"
    "samestory pairs --list IDS.tsv FILE...\n"
    "\n"
    "Judges pairs, each by its two documents alone, without index and window, and prints a table,\n"
    "columns split by tabs:\n"
    "  a b relation p cosine jaccard names dates numbers gap_days\n"
    "\n"
    "      --all             every unordered pair, in the order of the input\n"
    "      --list IDS.tsv    the pairs of this file: two ids a line, a tab between them;\n"
    "                        further columns are not read\n"
    "      --threshold P     probability from which two documents tell one story\n"
    "      --preset WHICH    a threshold of the model: standard (if not given), strict or loose\n";

static const char help_explain[] =
    "samestory explain FILE A B\n"
    "\n"
    "Shows the sketches of the documents with the ids A and B side by side, what was measured of "
    "the\n"
    "pair, what each measure adds, who of the other documents agrees with both or with one only, and\n"
    "the verdict. FILE is the collection: it is judged as dedup judges it with these options, and p is\n"
    "the same. Copies, revisions, and pairs that dedup does not hold against each other are judged\n"
    "alone.\n"
    "\n"
    "      --html            one HTML page: both texts, what they share marked in them\n"
    "      --window TIME     between two reports of a story: 12h, 7d (if not given), 2w, "
    "unlimited\n"
    "      --copy-window TIME  between copies; unlimited if not given\n"
    "      --threshold P     probability from which two documents tell one story\n"
    "      --preset WHICH    a threshold of the model: standard (if not given), strict or loose\n";

static const char help_embed[] = "samestory embed FILE...\n"
                                 "\n"
                                 "Writes the documents' unit vectors, language means out, to "
                                 "stdout: float32 .npy, a row a document,\n"
                                 "in the order of the input.\n"
                                 "\n";

static const char help_eval[] =
    "samestory eval [options] FILE...\n"
    "\n"
    "Compares verdicts on labelled records with the truth; prints one JSON object.\n"
    "\n"
    "      --label-field F   the member that names a record's true story (if not given: story)\n"
    "      --window TIME     between two reports of a story: 12h, 7d (if not given), 2w, "
    "unlimited\n"
    "      --copy-window TIME  between copies; unlimited if not given\n"
    "      --threshold P     probability from which two documents tell one story\n"
    "      --preset WHICH    a threshold of the model: standard (if not given), strict or loose\n";

static const char help_input[] =
    "      --shard i/N       only share i of N of the input: of several files (folders and lists\n"
    "                        count as their files) those at places i, i+N ... from 0, of a single\n"
    "                        file its records in this way; N/N is 0/N\n"
    "      --paths-base DIR  what the paths in FILE.paths are relative to; the list's folder if "
    "not\n"
    "                        given\n"
    "      --no-dates        take no notice of the records' dates\n"
    "      --text-field F    where a record holds its text: a name or a dotted path such as\n"
    "                        metadata.text; the same with --title-field, --id-field, --url-field,\n"
    "                        --date-field, --language-field, --source-field\n"
    "      --on-error WHAT   at a bad record, which is no JSON object or a damaged one of a crawl: pass\n"
    "                        (if not given) or stop\n"
    "      --reject FILE     write such records there, too\n"
    "  -j, --threads N       as many as the machine allows if not given\n";

static const char help_stories[] =
    "samestory stories [options] EDGES.jsonl...\n"
    "\n"
    "Makes stories of edges, as dedup -o writes them: "
    "{\"a\":ID,\"b\":ID,\"relation\":...,\"p\":...}.\n"
    "The same stories whatever the order of the lines. A document without an edge is not known "
    "here.\n"
    "\n"
    "      --as-stream       edges of dedup --as-stream, whose threshold is another\n"
    "      --threshold P     probability from which two documents tell one story\n"
    "      --preset WHICH    a threshold of the model: standard (if not given), strict or loose\n";

static const char help_model[] = "samestory model\n\nPrints what is in the model.\n\n";

static const char help_common[] = "  -m, --model FILE      the model; if not given, "
                                  "samestory.model beside the command or where it\n"
                                  "                        was installed\n"
                                  "  -q, --quiet           no progress, no summary, no warnings\n";

void cli_help(unsigned command)
{
    switch (command) {
    case COMMAND_DEDUP: fputs(help_dedup, stdout); break;
    case COMMAND_PAIRS: fputs(help_pairs, stdout); break;
    case COMMAND_EXPLAIN: fputs(help_explain, stdout); break;
    case COMMAND_EMBED: fputs(help_embed, stdout); break;
    case COMMAND_EVAL: fputs(help_eval, stdout); break;
    case COMMAND_MODEL: fputs(help_model, stdout); break;
    case COMMAND_STORIES: fputs(help_stories, stdout); break;
    case COMMAND_FILTER: fputs(help_filter, stdout); break;
    case COMMAND_INDEX: fputs(help_index, stdout); break;
    case COMMAND_PLAN: fputs(help_plan, stdout); break;
    default: fputs(help_all, stdout); return;
    }
    if (command != COMMAND_MODEL && command != COMMAND_STORIES && command != COMMAND_INDEX)
        fputs(help_input, stdout);
    fputs(help_common, stdout);
}
