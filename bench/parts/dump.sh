# Part dump: a crawl dump, English documents of about 250 words without dates; every tenth is a copy of
# an earlier one with 3 % of its words changed, a paragraph dropped, or a byline and a footer added;
# every fiftieth shares half its sentences with an earlier one and is no copy. With --peers the tools
# that find copies read the same file.

measure_dump() {
    documents=$(pick 20000 100000)
    turns=$(pick 2 3)
    say "dump: $documents documents"
    # shellcheck disable=SC2086
    corpus "$work/dump.jsonl" --documents "$documents" --languages en $every_text || return 1
    head -n $((documents / 4)) "$work/dump.jsonl" >"$work/quarter.jsonl"
    dedup_timed "$work/quarter.jsonl" "$work/quarter" -j "$threads" >"$work/quarter.json" || return 1
    plan_of "$work/dump.jsonl" -j "$threads" >"$work/plan.json"
    repeated "$turns" dedup_timed "$work/dump.jsonl" "$work/dump" -j "$threads" \
        >"$work/all-cores.json" || return 1
    score "$work/dump" >"$work/score.json" || return 1
    repeated "$(pick 1 "$turns")" dedup_timed "$work/dump.jsonl" "$work/dump" -j 1 \
        >"$work/one-core.json" || return 1
    say "dump: five languages"
    # shellcheck disable=SC2086
    corpus "$work/mixed.jsonl" --documents $((documents / 2)) --languages en,de,vi,zh,ar \
        $every_text || return 1
    dedup_timed "$work/mixed.jsonl" "$work/mixed" -j "$threads" >"$work/mixed.json" || return 1
    score "$work/mixed" >"$work/mixed-score.json" || return 1
    jq -n --slurpfile quarter "$work/quarter.json" --slurpfile all "$work/all-cores.json" \
        --slurpfile one "$work/one-core.json" --slurpfile score "$work/score.json" \
        --slurpfile mixed "$work/mixed.json" --slurpfile mixed_score "$work/mixed-score.json" \
        --slurpfile plan "$work/plan.json" --argjson model "$(wc -c <"$model")" --argjson threads "$threads" '
        $all[0] as $all | $one[0] as $one | $quarter[0] as $quarter | $score[0] as $score |
        $all + {threads: $threads,
            docs_per_s_core: $one.docs_per_s_core,
            speedup: ($all.docs_per_s / $one.docs_per_s), one_thread: $one,
            index_bytes_per_doc: (($all.peak_rss_bytes - $quarter.peak_rss_bytes) /
                ($all.documents - $quarter.documents)),
            rss_bytes_per_doc: (($all.peak_rss_bytes - $model) / $all.documents),
            copies_planted: $score.copies.planted, copy_precision: $score.copies.precision,
            copy_recall: $score.copies.recall, halves: $score.copies.halves,
            halves_called_copy: $score.copies.halves_called_copy,
            false_story_links_per_1000: $score.links.false_per_1000,
            planned: ($plan[0] | if . then {seconds_ratio: (.seconds / $all.seconds),
                memory_ratio: (.memory_bytes / $all.peak_rss_bytes)} else null end),
            mixed: ($mixed[0] + {copy_precision: $mixed_score[0].copies.precision,
                copy_recall: $mixed_score[0].copies.recall,
                false_story_links_per_1000: $mixed_score[0].links.false_per_1000})}' \
        >"$out/parts/dump.json" || return 1
    rm -rf "$work/mixed" "$work/mixed.jsonl" "$work/quarter" "$work/quarter.jsonl" "$work/dump"
    [ -z "$peers" ] || measure_copy_peers "$work/dump.jsonl" >"$out/parts/peers-copies.json"
}
