# The programs that measure: a corpus is the same everywhere, and what is counted is what was planted.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    bench=$SAMESTORY_BUILD/bench
    texts=$SAMESTORY_ROOT/bench/data/sentences.jsonl.zst
}

@test "a corpus depends on the seed alone, and can be made in parts" {
    "$bench/bench-corpus" --documents 300 --words mixed --titles --days 90 "$texts" >all.jsonl
    "$bench/bench-corpus" --documents 300 --words mixed --titles --days 90 --to 120 "$texts" >parts.jsonl
    "$bench/bench-corpus" --documents 300 --words mixed --titles --days 90 --from 120 "$texts" >>parts.jsonl
    cmp all.jsonl parts.jsonl
    [ "$(wc -l <all.jsonl)" = 300 ]
    "$bench/bench-corpus" --documents 300 --words mixed --titles --days 90 --seed 2 "$texts" >other.jsonl
    run -1 cmp -s all.jsonl other.jsonl
    # every line is JSON with a text, a title and a date; a tenth are copies of documents before them
    jq -es 'length == 300 and all(.[]; (.text | length > 0) and .title and .date)
        and ([.[] | select(.copy_of)] | length == 30 and all(.[]; .copy_of < .id))' all.jsonl
    # no two originals have one text
    [ "$(jq -r 'select(.kind | not) | .text' all.jsonl | tr '\n' ' ' | wc -w)" -gt 10000 ]
    [ "$(jq -c 'select(.kind | not) | .text' all.jsonl | sort | uniq -d | wc -l)" = 0 ]
}

@test "planted records stand in a corpus as they are, and dates rise if asked for" {
    "$bench/bench-corpus" --documents 200 --days 30 --ordered --plant "$SAMESTORY_TEST_DATA/news.jsonl" \
        "$texts" >planted.jsonl
    [ "$(wc -l <planted.jsonl)" = 220 ]
    grep -Fxf planted.jsonl "$SAMESTORY_TEST_DATA/news.jsonl" | cmp - "$SAMESTORY_TEST_DATA/news.jsonl"
    jq -r 'select(.id | test("^d[0-9]+$")) | .date' planted.jsonl | sort -c
}

@test "the score counts copies by kind, wrong calls and wrong links" {
    cat >documents.jsonl <<'END'
{"id":"d1","text":"a","samestory":{"story":"d1","relation":"new","of":null}}
{"id":"d2","copy_of":"d1","kind":"words","text":"b","samestory":{"story":"d1","relation":"copy","of":"d1"}}
{"id":"d3","copy_of":"d1","kind":"byline","text":"c","samestory":{"story":"d1","relation":"revision","of":"d2"}}
{"id":"d4","copy_of":"d1","kind":"byline","text":"d","samestory":{"story":"d4","relation":"new","of":null}}
{"id":"d5","half_of":"d1","kind":"half","text":"e","samestory":{"story":"d1","relation":"copy","of":"d1"}}
{"id":"d6","text":"says \"relation\":\"copy\"","samestory":{"story":"d1","relation":"story","of":"d1"}}
{"id": "r1", "story": "s", "text":"f","samestory":{"story":"r1","relation":"new","of":null}}
{"id": "r2", "story": "s", "text":"g","samestory":{"story":"r1","relation":"story","of":"r1"}}
{"id": "r3", "story": "s", "text":"h","samestory":{"story":"r3","relation":"new","of":null}}
END
    cat >stories.jsonl <<'END'
{"story":"d1","size":5,"documents":["d1","d2","d3","d5","d6"]}
{"story":"d4","size":1,"documents":["d4"]}
{"story":"r1","size":2,"documents":["r1","r2"]}
{"story":"r3","size":1,"documents":["r3"]}
END
    "$bench/bench-score" documents.jsonl stories.jsonl >score.json
    jq -e '.copies == {planted: 3, called: 3, right: 2, precision: 0.66667, halves: 1,
            halves_called_copy: 1, recall: {words: 1, paragraph: 1, byline: 0.5}}
        and .links == {story: 2, false: 1, false_per_1000: 111.1111, of_halves: 0}
        and .stories == {planted_pairs: 3, found_pairs: 1, planted_recall: 0.33333,
            planted_precision: 1, false_pairs: 4, largest: 5}' score.json
}

@test "texts that have nothing to do with each other are linked as rarely among many as among few" {
    local documents
    for documents in 1000 4000 8000; do
        "$bench/bench-corpus" --documents $documents --words mixed --titles "$texts" >unlike.jsonl
        samestory dedup -q -o out unlike.jsonl
        "$bench/bench-score" out/documents.jsonl out/stories.jsonl >score.json
        jq -e --arg n $documents '.documents == ($n | tonumber) and .links.false_per_1000 <= 3' score.json
    done
}

@test "a stream is measured line by line, and a missing answer is a failure" {
    seq 1000 >lines
    "$bench/bench-stream" --one --sample 250 lines cat | jq -e '.records == 1000
        and (.samples | length == 4) and .latency_ms.p50 <= .latency_ms.p99 and .first_answer_ms > 0'
    "$bench/bench-stream" - cat <lines | jq -e '.records == 1000 and .records_per_s > 0'
    run -1 --separate-stderr "$bench/bench-stream" lines grep -v 500
    [[ $stderr == *"1000 lines, "*" answers"* ]]
}

@test "what judging a pair costs is told of the pairs that dedup judges" {
    looks=$SAMESTORY_TEST_DATA/lookalikes.jsonl.zst
    "$bench/bench-evidence" "$SAMESTORY_MODEL_PATH" "$looks" 3 >cost.json
    for dates in dated undated; do
        "$SAMESTORY" dedup --model "$SAMESTORY_MODEL_PATH" -q -o $dates \
            $([ $dates = dated ] || echo --no-dates) "$looks"
        jq -e --argjson judged "$(jq .engine.candidates $dates/report.json)" --arg dates $dates '
            .limit_ns == 2000 and (.[$dates] | .pairs == $judged and .linked > 0 and .linked < .pairs
                and .side_ns > 0 and .evidence_ns > 0 and .pair_ns > .evidence_ns)' cost.json
    done
    run -2 "$bench/bench-evidence" "$SAMESTORY_MODEL_PATH" "$looks"
    run -1 "$bench/bench-evidence" "$SAMESTORY_MODEL_PATH" /dev/null 3
}

@test "what dedup finds of a planted corpus is what the score says" {
    "$bench/bench-corpus" --documents 300 --languages en,de "$texts" >corpus.jsonl
    "$SAMESTORY" dedup --model "$SAMESTORY_MODEL_PATH" -q -o out corpus.jsonl
    "$bench/bench-score" out/documents.jsonl out/stories.jsonl >score.json
    jq -e '.documents == 300 and .copies.planted == 30 and .copies.precision > 0.95
        and ([.copies.recall[]] | min >= 0.9)' score.json
}
