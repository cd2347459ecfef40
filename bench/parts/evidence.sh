# Part evidence: what judging a pair that the index proposes costs on one thread, in computing time, on
# look-alikes with their dates and without; and the limit that a pair has.

measure_evidence() {
    say "evidence"
    repeated "$(pick 2 5)" "$programs/bench-evidence" "$model" "$data/lookalikes.jsonl.zst" \
        "$(pick 31 101)" >"$out/parts/evidence.json"
}
