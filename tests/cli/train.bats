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
    tail -c +201 "$BATS_FILE_TMPDIR/$1"
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

# A file of events folds two labels into one; a line with one label is no event.
@test "stories that tell one event under two labels are named to the fit" {
    printf '# two labels\nvisit-a\tvisit-b\n' >"$BATS_FILE_TMPDIR/events.tsv"
    "$TRAIN" judge --model "$BATS_FILE_TMPDIR/small.model" --output "$BATS_FILE_TMPDIR/events.txt" \
        --events "$BATS_FILE_TMPDIR/events.tsv" "$SAMESTORY_TEST_DATA/reports.jsonl.zst"
    run -1 cmp -s "$BATS_FILE_TMPDIR/judge.txt" "$BATS_FILE_TMPDIR/events.txt"
    printf 'visit-a\n' >"$BATS_FILE_TMPDIR/events.tsv"
    run -3 "$TRAIN" judge --model "$BATS_FILE_TMPDIR/small.model" --output "$BATS_FILE_TMPDIR/x" \
        --events "$BATS_FILE_TMPDIR/events.tsv" "$SAMESTORY_TEST_DATA/reports.jsonl.zst"
    [[ $output == *"events.tsv"*"two labels or more"* ]]
}

@test "the language identifier is trained, into the same bytes each time, and told of in a table" {
    for name in a b; do
        "$TRAIN" langid --data "$CORPUS" --sources "$BATS_FILE_TMPDIR/sources.tsv" \
            --model "$BATS_FILE_TMPDIR/small.model" --output "$BATS_FILE_TMPDIR/$name.model"
    done
    cmp "$BATS_FILE_TMPDIR/a.model" "$BATS_FILE_TMPDIR/b.model"
    run -0 --separate-stderr "$TRAIN" languages --model "$BATS_FILE_TMPDIR/a.model" \
        "$SAMESTORY_TEST_DATA/flores.jsonl.zst"
    echo "$output"
    for code in en de nl vi; do [[ $output == *"| $code | 125 |"* ]]; done
    right=$(grep '^| all ' <<<"$output" | cut -d'|' -f4)
    jq -en "$right > .95"
    numbers=$(grep '^| numbers ' <<<"$output" | cut -d'|' -f4)
    jq -en "$numbers > .9"
    run -2 "$TRAIN" langid --data "$CORPUS" --model "$BATS_FILE_TMPDIR/a.model"
}

@test "bad options and missing folders are told" {
    run -2 "$TRAIN" table --checkpoint x
    run -3 "$TRAIN" table --data "$BATS_FILE_TMPDIR/none" --sources "$BATS_FILE_TMPDIR/sources.tsv" \
        --checkpoint "$BATS_FILE_TMPDIR/x"
    [[ $output == *".tsv.zst"* ]]
    run -2 "$TRAIN" fly
}

# labelled NAME: a small labelled set of the test data.
labelled() {
    zstd -qdc "$SAMESTORY_TEST_DATA/reports.jsonl.zst" >"$BATS_FILE_TMPDIR/$1.jsonl"
    echo "$BATS_FILE_TMPDIR/$1.jsonl"
}

# tiny NAME [options]: a table that takes a second.
tiny() {
    local name=$1
    shift
    "$TRAIN" table --data "$CORPUS" --sources "$BATS_FILE_TMPDIR/sources.tsv" --bits 12 --own 1000 \
        --shared 100 --dimension 16 --batch 64 --samples 8000 --checkpoint "$BATS_FILE_TMPDIR/$name" "$@"
}

# export NAME [options]: the model of a checkpoint.
export_model() {
    local name=$1
    shift
    "$TRAIN" model --data "$CORPUS" --sources "$BATS_FILE_TMPDIR/sources.tsv" \
        --frequencies "$BATS_FILE_TMPDIR/none" --checkpoint "$BATS_FILE_TMPDIR/$name" --cells 50 \
        --judge "$SAMESTORY_ROOT/models/judge.txt" --output "$BATS_FILE_TMPDIR/$name.model" "$@"
}

# A model without the seconds that its training took, which its notes, in its first 4 KB, tell.
sections() {
    "$SAMESTORY" model --model "$1" | grep -v seconds
    tail -c +4609 "$1"
}

@test "the same data give the same model, by one thread or two, at once or in parts" {
    tiny a --threads 1
    tiny b --threads 2
    for try in 1 2; do
        timeout -s KILL 0.4 "$TRAIN" table --data "$CORPUS" --sources "$BATS_FILE_TMPDIR/sources.tsv" \
            --bits 12 --own 1000 --shared 100 --dimension 16 --batch 64 --samples 8000 --minutes 0 \
            --checkpoint "$BATS_FILE_TMPDIR/c" || true
    done
    tiny c
    cmp <(rows a) <(rows b)
    cmp <(rows a) <(rows c)
    export_model a --threads 1
    export_model b --threads 2
    export_model c --threads 2
    cmp <(sections "$BATS_FILE_TMPDIR/a.model") <(sections "$BATS_FILE_TMPDIR/b.model")
    cmp <(sections "$BATS_FILE_TMPDIR/a.model") <(sections "$BATS_FILE_TMPDIR/c.model")
    [ "$(sections "$BATS_FILE_TMPDIR/a.model" | wc -c)" -gt 100000 ]
}

@test "the corpus is read once, and again when a source changes" {
    rm -f "$BATS_FILE_TMPDIR/corpus.cache"
    run -0 tiny cached
    [[ $output != *"from the cache"* ]]
    run -0 tiny cached
    [[ $output == *"from the cache"* ]]
    printf 'texts\t2\t1\n' >"$BATS_FILE_TMPDIR/other.tsv"
    run -0 tiny cached2 --sources "$BATS_FILE_TMPDIR/other.tsv"
    [[ $output != *"from the cache"* ]]
}

@test "a training is evaluated as it goes, and its log is drawn" {
    set=$(labelled dev)
    run -0 tiny watched --evaluate "$set" --evaluate-minutes 0 --log "$BATS_FILE_TMPDIR/log.tsv"
    [[ $output == *"dev f1"* ]]
    head -n 1 "$BATS_FILE_TMPDIR/log.tsv" | grep -q $'^step\tsamples\tseconds\tloss\tdev.f1.4'
    tail -n 1 "$BATS_FILE_TMPDIR/log.tsv" | grep -q $'^125\t8000\t'
    # looking on doesn't change what is learnt
    tiny unwatched
    cmp <(rows watched) <(rows unwatched)
    "$TRAIN" curve --log "$BATS_FILE_TMPDIR/log.tsv" --output "$BATS_FILE_TMPDIR/curve.svg"
    python3 -c 'import sys, xml.dom.minidom as x; d = x.parse(sys.argv[1])
titles = [t.firstChild.data for t in d.getElementsByTagName("title")]
assert "loss" in titles and "dev.half-first.all" in titles, titles' "$BATS_FILE_TMPDIR/curve.svg"
}

@test "what comes after a stop replaces what was measured before it" {
    printf 'step\tsamples\tseconds\tloss\tdev.f1.4\n1\t100\t1\t3\t.1\n2\t200\t2\t2\t.9\n' >"$BATS_FILE_TMPDIR/stop.tsv"
    printf 'step\tsamples\tseconds\tloss\tdev.f1.4\n2\t150\t2\t2\t.5\n3\t<b>&\t2\t2\t.5\n' >>"$BATS_FILE_TMPDIR/stop.tsv"
    "$TRAIN" curve --log "$BATS_FILE_TMPDIR/stop.tsv" --output "$BATS_FILE_TMPDIR/stop.svg"
    [ "$(grep -c '<title>dev.f1.4' "$BATS_FILE_TMPDIR/stop.svg")" -eq 1 ]
    grep '<title>dev.f1.4' "$BATS_FILE_TMPDIR/stop.svg" | grep -q ' d="M[0-9. ]*L[0-9. ]*">' # two points
    run -3 "$TRAIN" curve --log "$set" --output "$BATS_FILE_TMPDIR/none.svg"
    [ ! -e "$BATS_FILE_TMPDIR/none.svg" ]
}

@test "a model's vectors and its checkpoint's score alike, with intervals" {
    set=$(labelled dev)
    [ -e "$BATS_FILE_TMPDIR/a.model" ] || { tiny a; export_model a; }
    "$TRAIN" evaluate --model "$BATS_FILE_TMPDIR/a.model" "$set" >"$BATS_FILE_TMPDIR/int8.tsv"
    "$TRAIN" evaluate --checkpoint "$BATS_FILE_TMPDIR/a" --data "$CORPUS" \
        --sources "$BATS_FILE_TMPDIR/sources.tsv" "$set" >"$BATS_FILE_TMPDIR/f32.tsv"
    paste "$BATS_FILE_TMPDIR/int8.tsv" "$BATS_FILE_TMPDIR/f32.tsv" | awk -F'\t' '
        $2 ~ /f1|first/ { n++; d = $4 - $13; if (d < -.03 || d > .03) bad = 1
                          if ($5 > $6 || $5 > $4 + .1 || $6 < $4 - .1) bad = 1 }
        END { exit bad || n < 9 }'
    run -2 "$TRAIN" evaluate --model "$BATS_FILE_TMPDIR/a.model"
}

@test "probe tells what cells propose: more with more probes" {
    set=$(labelled dev)
    [ -e "$BATS_FILE_TMPDIR/a.model" ] || { tiny a; export_model a; }
    "$TRAIN" probe --model "$BATS_FILE_TMPDIR/a.model" "$set" | awk -F'\t' '
        NR > 1 { if ($3 < last || $4 < all || $3 > 1 || $4 > 1) bad = 1; last = $3; all = $4; n++ }
        END { exit bad || n != 4 || last <= 0 }'
}

@test "evaluation texts in the training data are found, listed, and dropped" {
    mkdir -p "$BATS_FILE_TMPDIR/dirty"
    {
        printf 'en-de\tOn Monday the harbour master of Larvik closed both piers, for the third time this winter.\tAm Montag.\n'
        printf 'de-en\tGestern.\ton monday the harbour master of Larvik closed both piers for the third time this winter\n'
        printf 'en-de\tSource: on Monday the harbour master of Larvik closed both piers, for the third time this year.\tx\n'
        printf 'en-de\tThe harbour master of Skagen opened a pier on Friday.\tEin anderer Hafen, ein anderer Tag.\n'
        printf 'en-de\tThe piers were closed.\tDie Piers waren gesperrt.\n'
    } | zstd -q >"$BATS_FILE_TMPDIR/dirty/mixed.tsv.zst"
    printf '{"id":"h1","story":"a","lang":"en","text":"On Monday the harbour master of Larvik closed both piers, for the third time this winter. The piers were closed."}\n' \
        >"$BATS_FILE_TMPDIR/heard.jsonl"
    printf 'mixed\t1\t1\n' >"$BATS_FILE_TMPDIR/mixed.tsv"
    run -1 --separate-stderr "$TRAIN" contamination --data "$BATS_FILE_TMPDIR/dirty" \
        --output "$BATS_FILE_TMPDIR/dropped.tsv" "$BATS_FILE_TMPDIR/heard.jsonl"
    [ "$(grep -v '^#' "$BATS_FILE_TMPDIR/dropped.tsv" | cut -f3,4 | tr '\n\t' ' =')" = \
        "1=exact 1.00 2=exact 1.00 3=near 0.81 " ]
    # the list is what the trainer takes, and then all is well
    run -0 "$TRAIN" contamination --data "$BATS_FILE_TMPDIR/dirty" \
        --dropped "$BATS_FILE_TMPDIR/dropped.tsv" "$BATS_FILE_TMPDIR/heard.jsonl"
    run -0 "$TRAIN" table --data "$BATS_FILE_TMPDIR/dirty" --sources "$BATS_FILE_TMPDIR/mixed.tsv" \
        --dropped "$BATS_FILE_TMPDIR/dropped.tsv" --checkpoint "$BATS_FILE_TMPDIR/clean" --bits 12 \
        --own 100 --shared 10 --dimension 16 --batch 2 --samples 20
    [[ $output == *"2 pairs"* ]]
    run -3 "$TRAIN" contamination --data "$BATS_FILE_TMPDIR/none" "$BATS_FILE_TMPDIR/heard.jsonl"
}
