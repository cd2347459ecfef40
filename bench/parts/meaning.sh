# Part meaning: the labelled reports of tests/data, 60 events in 22 languages in families of
# look-alikes: F1 over pairs, and documents a second from text to vector; with --peers a multilingual
# encoder beside it.

measure_meaning() {
    say "meaning"
    reports=$data/reports.jsonl.zst
    "$samestory" eval --model "$model" -q "$reports" >"$work/dated.json" || return 1
    "$samestory" eval --model "$model" -q --no-dates "$reports" >"$work/undated.json" || return 1
    # Twenty times the same reports, so that starting the command doesn't count.
    for turn in $(seq 20); do zstd -dc "$reports" | sed "s/\"id\": *\"/&$turn-/"; done \
        >"$work/reports.jsonl" || return 1
    repeated "$(pick 2 3)" timed "$samestory" embed --model "$model" -q -j 1 "$work/reports.jsonl" \
        >"$work/embed.json" || return 1
    jq -n --slurpfile dated "$work/dated.json" --slurpfile undated "$work/undated.json" \
        --slurpfile cost "$work/embed.json" --argjson records "$(wc -l <"$work/reports.jsonl")" '
        def view: {cross_f1: .pairs.cross.f1, cross_precision: .pairs.cross.precision,
            cross_recall: .pairs.cross.recall, cross_best_f1: .pairs.cross.best.f1,
            all_f1: .pairs.all.f1, pairs: .pairs.cross.n, bcubed_f1: .bcubed.f1,
            candidate_recall: .candidates.recall};
        {documents: $dated[0].documents, dated: ($dated[0] | view), undated: ($undated[0] | view),
         docs_per_s_core: ($records / $cost[0].cpu_seconds), peak_rss_bytes: $cost[0].peak_rss_bytes,
         spread: ($cost[0].spread.cpu_seconds)}' >"$out/parts/meaning.json" || return 1
    [ -z "$peers" ] || measure_encoder >"$out/parts/peers-meaning.json"
}
