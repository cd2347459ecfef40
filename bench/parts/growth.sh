# Part growth: dated documents in 24 languages, from headlines to long reads, over 500 days; a tenth
# are copies, and the labelled reports of tests/data stand among them. What grows, what is found, what
# is linked though it tells nothing of the same; and what the index proposes of what judging everything
# would link, for sampled documents.

# growth_corpus FILE DOCUMENTS DAYS
growth_corpus() {
    # shellcheck disable=SC2086
    corpus "$1" --documents "$2" --words mixed --titles --days "$3" --start 2024-11-01 \
        --plant "$data/reports.jsonl.zst" $even_text || return 1
    # planted records have dates of their own
    [ "$3" -gt 0 ] || sed -i 's/"date": *"[^"]*", *//' "$1"
}

# growth_size DOCUMENTS SAMPLED DAYS: one element of growth.
growth_size() {
    growth_corpus "$work/growth.jsonl" "$1" "$3" || return 1
    capped=
    rm -rf "$work/spill" && mkdir -p "$work/spill"
    knows dedup --memory && capped="--memory 2G --tmp $work/spill"
    plan_of "$work/growth.jsonl" -j "$threads" >"$work/plan.json"
    # shellcheck disable=SC2086
    dedup_timed "$work/growth.jsonl" "$work/growth" -j "$threads" $capped >"$work/grown.json" || return 1
    score "$work/growth" >"$work/score.json" || return 1
    rm -rf "$work/growth" "$work/spill"
    echo null >"$work/proposed.json"
    if [ "$2" -gt 0 ]; then
        "$programs/bench-candidates" "$model" "$work/growth.jsonl" "$2" "$threads" \
            >"$work/proposed.json" || return 1
    fi
    rm -f "$work/growth.jsonl"
    jq -c -n --slurpfile cost "$work/grown.json" --slurpfile score "$work/score.json" \
        --slurpfile proposed "$work/proposed.json" --slurpfile plan "$work/plan.json" \
        --arg memory "$capped" '
        $cost[0] as $c | $score[0] as $s | $proposed[0] as $p |
        ($c.documents * ($c.documents - 1) / 2) as $pairs |
        $c + {memory_cap: (if $memory == "" then null else "2G" end),
            compared_share: ($c.compared / $pairs),
            copy_recall: $s.copies.recall, copy_precision: $s.copies.precision,
            planted_recall: $s.stories.planted_recall, planted_precision: $s.stories.planted_precision,
            false_story_links: $s.links.false,
            false_story_links_per_1000: $s.links.false_per_1000,
            false_pairs: $s.stories.false_pairs, largest_story: $s.stories.largest,
            candidate_recall: ($p.recall // null), sampled: $p, plan: $plan[0],
            planned_seconds_ratio: ($plan[0] | if . then .seconds / $c.seconds else null end)}'
}

measure_growth() {
    : >"$work/growth-sizes.jsonl"
    # documents:sampled queries
    for size in $(pick "4000:100 16000:60" "10000:300 100000:300 1000000:300"); do
        say "growth: ${size%:*} documents"
        growth_size "${size%:*}" "${size#*:}" 500 >>"$work/growth-sizes.jsonl" || return 1
    done
    say "growth: without dates"
    growth_size "$(pick 8000 100000)" "$(pick 60 300)" 0 >"$work/growth-undated.jsonl" || return 1
    timed "$samestory" dedup --model "$model" -q -o "$work/alone" "$data/reports.jsonl.zst" \
        >/dev/null || return 1
    score "$work/alone" >"$work/alone.json" || return 1
    jq -s --slurpfile alone "$work/alone.json" --slurpfile undated "$work/growth-undated.jsonl" '
        {sizes: ., undated: $undated, alone: ($alone[0].stories |
        {planted_recall, planted_precision})}' "$work/growth-sizes.jsonl" >"$out/parts/growth.json"
}
