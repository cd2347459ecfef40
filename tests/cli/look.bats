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
    samestory dedup -q -o out in
    relation=$(jq -r --arg a "$a" --arg b "$b" 'select(.a == $a and .b == $b).relation' out/edges.jsonl)
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

# Three reports of one accident: a of the rescue, b of the company, c of both.
ferry() {
    cat <<'EOF'
{"id":"c","date":"2025-03-04","title":"Ferry Halcyon runs aground off Skarvik, 212 passengers taken off","text":"The ferry Halcyon ran aground off Skarvik on Tuesday night with 212 passengers on board. Coastguard commander Ingrid Tveit said lifeboats brought everybody ashore by 4 a.m. The owner, Norlinje, stopped its three other ships and chief executive Paul Esterman promised an inquiry; its shares lost 14 percent in Oslo on Wednesday."}
{"id":"a","date":"2025-03-04","title":"212 taken off ferry at Skarvik","text":"All 212 people on board a ferry that struck rocks near Skarvik were brought ashore in lifeboats during the night, commander Ingrid Tveit of the coastguard said. Nobody was hurt."}
{"id":"b","date":"2025-03-05","title":"Norlinje shares fall 14 percent after ferry runs aground","text":"Shares of the ferry company Norlinje lost 14 percent on Wednesday. Chief executive Paul Esterman promised an inquiry after one of its ships ran aground near Skarvik at night, and stopped three others."}
{"id":"d","date":"2025-03-05","title":"Minister opens school in Lund","text":"Education minister Karin Rask opened a school for 480 pupils in Lund on Wednesday."}
EOF
}

# verdict_of FILE A B OPTION...: relation and p, as explain tells them.
verdict_of() {
    samestory explain -q "${@:4}" "$1" "$2" "$3" | sed -En 's/^verdict: ([a-z]+), p = ([0-9.]+).*/\1 \2/p'
}

@test "explain: a report that tells the story of both connects two that share little" {
    ferry >in
    samestory dedup -q -o out in
    read -r p alone < <(jq -r 'select(.a == "a" and .b == "b") | "\(.p) \(.alone)"' out/edges.jsonl)
    [ "$(jq -n "$p > $alone")" = true ]
    run -0 --separate-stderr samestory explain -q in a b
    [[ $output == *"A and B alone: p = $alone; with what others say: p = $p"* ]]
    [[ $output == *"1 report agrees with both: c (p 0."*" with A, 0."*" with B)"$'\n'* ]]
    [[ $output == *"  + what other reports say "*"verdict: "*", p = $p"* ]]
    # Without it, nobody says anything.
    sed 1d in >two
    run -0 --separate-stderr samestory explain -q two a b
    [[ $output == *"no report agrees with both"$'\n'* ]]
}

@test "explain says where nobody else was asked, and why" {
    ferry >in
    jq -c 'select(.id == "c") | .id = "copy"' in >>in
    run -0 --separate-stderr samestory explain -q in a d
    [[ $output == *"not asked: A and B alone have too little in common (p below 0.002)"* ]]
    run -0 --separate-stderr samestory explain -q in c copy
    [[ $output == *"not asked: a copy or a revision is known by the two texts and their ids"*"verdict: copy"* ]]
    run -0 --separate-stderr samestory explain -q in a a
    [[ $output == *"not asked: A and B are one document"* ]]
    run -0 --separate-stderr samestory explain -q --window 1h in c b
    [[ $output == *"not asked: dedup does not hold A against B, as they are too far apart in time"* ]]
    [[ $output != *"what other reports say  "* ]] # no such line among those that add up
}

@test "explain says of the edges of dedup what dedup says" {
    zstd -dcq "$DATA/unseen.jsonl.zst" >in
    for options in "" "--no-dates --preset strict"; do
        samestory dedup -q $options -o out in
        jq -r '[.a, .b, .relation, .p] | @tsv' out/edges.jsonl | awk 'NR % 50 == 1' >edges
        [ "$(wc -l <edges)" -gt 9 ]
        while IFS=$'\t' read -r a b relation p; do
            p=$(awk -v p="$p" 'BEGIN {p = sprintf("%.6f", p); sub(/\.?0+$/, "", p); print p}') # jq: 3.8e-05
            [ "$(verdict_of in "$a" "$b" $options)" = "$relation $p" ]
            [ "$(verdict_of in "$b" "$a" $options)" = "$relation $p" ]
        done <edges
    done
}

@test "explain tells who agrees with one of two and not with the other" {
    zstd -dcq "$DATA/unseen.jsonl.zst" >in
    samestory dedup -q -o out in
    read -r a b < <(jq -rs 'max_by((.alone // .p) - .p) | "\(.a) \(.b)"' out/edges.jsonl)
    run -0 --separate-stderr samestory explain -q in "$a" "$b"
    [[ $output == *"  - what other reports say "* ]]
    [[ $output =~ (A|B)" agrees with "([0-9]+)" report"s?" that "(A|B)" does not agree with" ]]
    one=${BASH_REMATCH[1]} count=${BASH_REMATCH[2]}
    [ "$one" = A ] || read -r a b <<<"$b $a"
    # Counted anew, from the edges.
    counted=$(jq -s --arg a "$a" --arg b "$b" '
        def others(x): map(select(.p >= .5) | select(.a == x or .b == x) | if .a == x then .b else .a end);
        others($a) - others($b) - [$a, $b] | length' out/edges.jsonl)
    [ "$count" = "$counted" ]
}

@test "what the signals add is the log odds of the verdict" {
    zstd -dcq "$DATA/unseen.jsonl.zst" >in
    samestory dedup -q -o out in
    jq -r 'select(.alone) | [.a, .b, .p] | @tsv' out/edges.jsonl | awk 'NR % 40 == 1' >edges
    [ -s edges ]
    while IFS=$'\t' read -r a b p; do
        samestory explain -q in "$a" "$b" |
            awk -v p="$p" '/^signal / {on = 1; next} !NF {on = 0} on {sum += $3; met += $1 == "neighbours"}
                END {d = sum - log(p / (1 - p)); exit !(met == 1 && d * d < .0001)}'
    done <edges
}

@test "explain --html tells what other reports say" {
    ferry | sed 's/"id":"c"/"id":"<c>"/' >in
    p=$(verdict_of in a b)
    run -0 --separate-stderr samestory explain --html -q in a b
    [[ $output == *"<h1>"*", p = "* ]]
    [[ $output == *"<td>what other reports say</td>"* ]]
    [[ $output == *"<h2>What other reports say</h2>"*"with what others say: p = ${p#* }</li>"* ]]
    [[ $output == *"<li>1 report agrees with both: &lt;c&gt; (p 0."* ]]
    run -0 --separate-stderr samestory explain --html -q in a d
    [[ $output == *"<li>not asked: "* && $output != *"<td>what other reports say</td>"* ]]
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
