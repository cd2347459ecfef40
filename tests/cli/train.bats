# The trainer on a small corpus: it learns, goes on where it was stopped, gives the same table for any
# number of threads, and what it writes is a model that the command opens. (The corpus is made of test
# data: what comes out is for this test only.)

load helpers

bats_require_minimum_version 1.5.0

setup_file() {
    export TRAIN="$SAMESTORY_BUILD/samestory-train" CORPUS="$BATS_FILE_TMPDIR/corpus"
    [ -x "$TRAIN" ] || return 0
    mkdir -p "$CORPUS" "$BATS_FILE_TMPDIR/none"
    # one line a pair of texts of one story, in two of the four languages
    zstd -qdc "$SAMESTORY_TEST_DATA/flores.jsonl.zst" | jq -rs '
        group_by(.story)[] | (map({(.lang): (.text | gsub("[\t\n]"; " "))}) | add) as $t
        | (["en", "de"], ["en", "vi"], ["de", "nl"]) | "\(.[0])-\(.[1])\t\($t[.[0]])\t\($t[.[1]])"' |
        sort | zstd -q >"$CORPUS/texts.tsv.zst"
    printf '# prefix weight chain\ntexts\t1\t1\n' >"$BATS_FILE_TMPDIR/sources.tsv"
}

setup() {
    [ -x "$TRAIN" ] || skip "built without the trainer"
}

# train NAME [options]: trains a small table into NAME.
train() {
    local name=$1
    shift
    "$TRAIN" table --data "$CORPUS" --sources "$BATS_FILE_TMPDIR/sources.tsv" --bits 14 --own 3000 \
        --shared 1000 --dimension 64 --batch 128 --samples 30000 --checkpoint "$BATS_FILE_TMPDIR/$name" \
        "$@"
}

# The rows of a checkpoint: all but its head, which holds the time that it took.
rows() {
    tail -c +161 "$BATS_FILE_TMPDIR/$1"
}

@test "training lowers the loss, and threads don't matter" {
    run -0 train one --threads 1
    first=$(grep -o 'loss [0-9.]*' <<<"$output" | head -n 1 | cut -d' ' -f2)
    last=$(grep -o 'loss [0-9.]*' <<<"$output" | tail -n 1 | cut -d' ' -f2)
    echo "$first -> $last"
    jq -en "$last < $first / 2"
    train two --threads 2
    cmp <(rows one) <(rows two)
}

@test "a training that was killed goes on, and ends as if it had not been" {
    for try in 1 2 3; do
        timeout -s KILL 1 "$TRAIN" table --data "$CORPUS" --sources "$BATS_FILE_TMPDIR/sources.tsv" \
            --bits 14 --own 3000 --shared 1000 --dimension 64 --batch 128 --samples 30000 \
            --checkpoint "$BATS_FILE_TMPDIR/stopped" --minutes 0 || true
    done
    train stopped
    cmp <(rows one) <(rows stopped)
}

@test "a checkpoint of another training is refused" {
    run -4 train one --seed 2
    [[ $output == *"another training"* ]]
}

@test "a checkpoint becomes a model, is judged, and opens" {
    "$TRAIN" model --data "$CORPUS" --sources "$BATS_FILE_TMPDIR/sources.tsv" \
        --frequencies "$BATS_FILE_TMPDIR/none" --checkpoint "$BATS_FILE_TMPDIR/one" \
        --judge "$SAMESTORY_ROOT/models/judge.txt" --output "$BATS_FILE_TMPDIR/small.model"
    "$TRAIN" judge --model "$BATS_FILE_TMPDIR/small.model" --output "$BATS_FILE_TMPDIR/judge.txt" \
        "$SAMESTORY_TEST_DATA/reports.jsonl.zst"
    grep -q '^signal cosine-cross ' "$BATS_FILE_TMPDIR/judge.txt"
    "$TRAIN" pack --model "$BATS_FILE_TMPDIR/small.model" --judge "$BATS_FILE_TMPDIR/judge.txt" \
        --output "$BATS_FILE_TMPDIR/judged.model"
    run -0 "$SAMESTORY" model --model "$BATS_FILE_TMPDIR/judged.model"
    [[ $output == *"dimension"*64* ]]
    run -0 --separate-stderr "$SAMESTORY" dedup --model "$BATS_FILE_TMPDIR/judged.model" \
        "$SAMESTORY_TEST_DATA/news.jsonl"
    [ "${#lines[@]}" -eq 20 ]
}

@test "bad options and missing folders are told" {
    run -2 "$TRAIN" table --checkpoint x
    run -3 "$TRAIN" table --data "$BATS_FILE_TMPDIR/none" --sources "$BATS_FILE_TMPDIR/sources.tsv" \
        --checkpoint "$BATS_FILE_TMPDIR/x"
    [[ $output == *".tsv.zst"* ]]
    run -2 "$TRAIN" fly
}
