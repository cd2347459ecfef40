# dedup under a cap of memory: the same bytes, below the cap, taken up after a kill, refused when it is too
# small; plan says beforehand what it will take.

load helpers

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }

# Some thousand documents: each report of the set several times, under other ids, with other names and numbers.
corpus() {
    zstd -dcq "$DATA/reports.jsonl.zst" >reports
    for i in $(seq "$1"); do
        jq -c --arg i "$i" '.id += "-" + $i | .text |= gsub("(?<a>[A-Z][a-z]{5,})"; .a + ($i | explode | map(97 + . % 26) | implode))' reports
    done
}

same_results() {
    for file in documents edges stories; do cmp "$1/$file.jsonl" "$2/$file.jsonl"; done
}

@test "the same bytes with a cap, with files, and without" {
    [ -z "${SAMESTORY_SANITIZED-}" ] || skip "the sanitizers take memory of their own"
    corpus 3 >in
    samestory dedup -q -o plain in
    samestory dedup -q --memory 400M --threads 1 -o capped in
    same_results plain capped
    samestory dedup -q --memory 1G --tmp tmp --threads 2 -o filed in
    same_results plain filed
    samestory dedup -q --as-stream -o stream in
    samestory dedup -q --as-stream --tmp tmp -o stream-filed in
    same_results stream stream-filed
    [ -z "$(ls tmp)" ]
}

@test "a run that was killed is taken up where it was" {
    corpus 4 >in
    samestory dedup -q -o plain in
    for pause in 0.5 1.5 3; do
        timeout -s KILL "$pause" "$SAMESTORY" dedup -q --tmp tmp -o resumed in || true
        samestory dedup -q --tmp tmp --resume -o resumed in
        same_results plain resumed
        [ -z "$(ls tmp)" ]
    done
}

@test "what was judged is not judged again" {
    corpus 1 >in
    samestory dedup -q -o plain in
    mkdir half half/documents.jsonl # it can't be written: the run ends there
    run ! samestory dedup -q --tmp tmp -o half in
    [ -s tmp/samestory.judged ]
    samestory dedup -q --tmp tmp --resume -o resumed in
    same_results plain resumed
}

@test "another input is not taken up" {
    corpus 1 >in
    mkdir half half/documents.jsonl
    run ! samestory dedup -q --tmp tmp -o half in
    sed '1d' in >other
    run -3 samestory dedup -q --tmp tmp --resume -o resumed other
    [[ "$output" == *"start it anew"* ]]
    head -n 3 in >shorter
    run -3 samestory dedup -q --tmp tmp --resume -o resumed shorter
    [[ "$output" == *"start it anew"* ]]
    samestory dedup -q --tmp tmp -o anew other
    samestory dedup -q -o plain other
    same_results plain anew
}

@test "a cap that can't hold is refused before anything is written" {
    corpus 1 >in
    run -5 samestory dedup --memory 20M -o out in
    [[ "$output" == *"MiB"* ]]
    [ ! -e out/documents.jsonl ]
    run -2 samestory dedup --memory lots in
    run -2 samestory dedup --resume in
    [[ "$output" == *"--tmp"* ]]
}

@test "plan predicts documents, memory and disk" {
    [ -z "${SAMESTORY_SANITIZED-}" ] || skip "the sanitizers take memory of their own"
    corpus 3 >in
    documents=$(wc -l <in)
    samestory plan in >plan
    [ "$(jq --argjson n "$documents" '.documents == $n' plan)" = true ]
    [ "$(jq '.memory_least_bytes > 1e7 and .memory_bytes > 1e7 and .tmp_bytes > 0 and .seconds > 0' plan)" = true ]
    least=$(jq .memory_least_bytes plan)
    [ "$(samestory plan --memory "$least" in | jq .memory_holds)" = false ] ||
        [ "$(samestory plan --memory $((least * 3)) in | jq .memory_holds)" = true ]
    [ "$(samestory plan --memory 1M in | jq .memory_holds)" = false ]
    [ "$(samestory plan --tmp . in | jq .tmp_has_room)" = true ]
    run -2 samestory plan
}

@test "the report names the fullest buckets" {
    for i in $(seq 60); do
        printf '{"id":"n%d","text":"Zanderlin Quastrow visited depot %d on line %d and left again for home."}\n' "$i" "$((i * 7919))" "$((i * 104729))"
    done >in
    samestory dedup -q -o out in
    [ "$(jq '.engine.fullest_buckets[0].documents' out/report.json)" = 60 ]
    [ "$(jq '[.engine.fullest_buckets[].what] | any(test("zanderlin|quastrow"; "i"))' out/report.json)" = true ]
}
