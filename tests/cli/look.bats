# To look inside: pairs, explain, embed, eval, model.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    head -n 6 "$DATA/news.jsonl" >in
}

HEADER=$'a\tb\trelation\tp\tcosine\tjaccard\tnames\tdates\tnumbers\tgap_days'

@test "pairs --all: a header and every unordered pair in input order" {
    samestory pairs -q --all in >table
    [ "$(head -n 1 table)" = "$HEADER" ]
    [ "$(wc -l <table)" = 16 ]
    [ "$(awk -F'\t' 'NF != 10' table | wc -l)" = 0 ]
    jq -r .id in >ids
    for ((a = 1; a <= 6; a++)); do for ((b = a + 1; b <= 6; b++)); do
        printf '%s\t%s\n' "$(sed -n ${a}p ids)" "$(sed -n ${b}p ids)"
    done; done | cmp - <(tail -n +2 table | cut -f1,2)
    [ "$(tail -n +2 table | cut -f3 | sort -u | grep -vcE '^(none|copy|revision|story)$')" = 0 ]
    [ "$(tail -n +2 table | awk -F'\t' '$4 < 0 || $4 > 1 || $5 < -1 || $5 > 1 || $6 < 0 || $6 > 1' | wc -l)" = 0 ]
}

@test "pairs --no-dates knows no gap" {
    samestory pairs -q --all --no-dates in | tail -n +2 | cut -f10 >gaps
    [ "$(sort -u gaps)" = "" ]
    [ "$(samestory pairs -q --all in | tail -n +2 | cut -f10 | grep -c .)" = 15 ]
}

@test "pairs --list: these pairs, in the list's order, judged as in the table of all" {
    samestory pairs -q --all in >table
    tail -n +2 table | cut -f1,2 | awk -F'\t' -v OFS='\t' 'NR % 2 {print $2, $1, "a note"}' | tac >list
    samestory pairs -q --list list in | tail -n +2 >listed
    cut -f1,2 listed | cmp - <(cut -f1,2 list)
    tac listed | cut -f3- | cmp - <(tail -n +2 table | awk 'NR % 2' | cut -f3-)
}

@test "pairs --list names an id that is not there" {
    printf '%s\tnobody\n' "$(jq -r .id in | head -n 1)" >list
    run -3 --separate-stderr samestory pairs -q --list list in
    [[ $stderr == "samestory: list:1: no document has the id nobody"* ]]
    echo "no tab" >list
    run -3 --separate-stderr samestory pairs -q --list list in
    [[ $stderr == "samestory: list:1: no tab"* ]]
}

@test "pairs wants --all or --list" {
    run -2 samestory pairs in
    run -2 samestory pairs --all --list in in
}

@test "ids with tabs and newlines stay on their line" {
    printf '%s\n' '{"id":"a\tb","text":"one"}' '{"id":"c\nd\\e","text":"two"}' >in
    samestory pairs -q --all in >table
    [ "$(wc -l <table)" = 2 ]
    [ "$(tail -n 1 table | cut -f1,2)" = $'a\\tb\tc\\nd\\\\e' ]
    tail -n 1 table | cut -f1,2 >list
    samestory pairs -q --list list in | cmp table -
}

@test "explain shows both documents, the evidence and the verdict" {
    a=$(jq -r .id in | sed -n 1p) b=$(jq -r .id in | sed -n 2p)
    run -0 --separate-stderr samestory explain -q in "$a" "$b"
    [[ $output == *"cosine"*"jaccard"*"verdict: "* ]]
    relation=$(samestory pairs -q --all in | awk -F'\t' -v a="$a" -v b="$b" '$1 == a && $2 == b {print $3}')
    [[ $output == *"verdict: $relation, p = "* ]]
    run -3 --separate-stderr samestory explain -q in "$a" nobody
    [[ $stderr == *"no document has the id nobody"* ]]
    run -2 samestory explain in "$a"
}

@test "explain marks what both share, and says what only one has" {
    run -0 --separate-stderr samestory explain -q in "$(jq -r .id in | sed -n 1p)" "$(jq -r .id in | sed -n 2p)"
    [[ $output == *"--- A, [shared] ---"*"["*"]"*"only here: "*"--- B, [shared] ---"* ]]
    [[ $output == *"speaks for (+) or against (-)"* ]]
}

@test "explain --html is one page that a document can't break" {
    printf '%s\n' '{"id":"<a>","title":"<script>alert(1)</script> Lindqvist","text":"Lindqvist & \"Haverkamp\" in Zwolle"}' \
        '{"id":"b","text":"Haverkamp and Lindqvist met in Zwolle"}' >hostile
    run -0 --separate-stderr samestory explain --html -q hostile '<a>' b
    [[ $output == "<!DOCTYPE html>"*"</html>" ]]
    [[ $output == *"&lt;a&gt;"*"&lt;script&gt;"*"<mark class="*"&amp; &quot;"* ]]
    [[ $output != *"<script"* && $output != *"http"* ]]
}

@test "embed writes unit vectors as npy" {
    samestory embed -q in >vectors.npy
    [ "$(head -c 6 vectors.npy | od -An -c | tr -d ' ')" = '223NUMPY' ]
    shape=$(head -c 128 vectors.npy | grep -ao "'shape': (6, [0-9]*)")
    dimension=${shape##*, } dimension=${dimension%)}
    [ "$(stat -c %s vectors.npy)" = $((128 + 6 * dimension * 4)) ]
    tail -c +129 vectors.npy | od -An -v -tf4 -w$((dimension * 4)) |
        awk '{s = 0; for (i = 1; i <= NF; i++) s += $i * $i; if (s < .98 || s > 1.02) exit 1}'
}

@test "embed of nothing is an array of no rows" {
    samestory embed -q /dev/null | head -c 128 | grep -aq "'shape': (0, "
}

@test "eval prints one JSON object and wants labels" {
    zstd -dcq "$DATA/reports.jsonl.zst" >labelled
    run -0 --separate-stderr samestory eval -q labelled
    [ "$(jq -r 'has("pairs") and has("bcubed") and has("clusters") and has("calibration") and has("candidates")' <<<"$output")" = true ]
    # Pairs of languages stand in alphabetical order, so that a script finds them.
    [ "$(jq '.pairs.by_languages | length > 1' <<<"$output")" = true ]
    [ "$(jq '[.pairs.by_languages | keys[] | split("-") | .[0] <= .[1]] | all' <<<"$output")" = true ]
    run -0 --separate-stderr samestory eval -q --no-dates --label-field family labelled
    documents 1 3 >bare
    run -3 --separate-stderr samestory eval -q bare
    [[ $stderr == *"--label-field"* ]]
}

@test "model says what is in it" {
    run -0 --separate-stderr samestory model
    for key in stamp dimension rows; do [[ $output == *"$key"$'\t'* ]]; done
}
