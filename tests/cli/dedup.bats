# dedup: verdicts in the order of the input, the files of -o, --keep.

load helpers

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }

@test "the same text is a copy, whatever its id" {
    text='The city council voted on Tuesday to rebuild the old harbour bridge, which has been closed since a barge struck one of its pillars in March, and set aside 14 million for the work.'
    printf '{"id":"a","date":"2025-03-01","text":"%s"}\n{"id":"b","date":"2025-03-02","text":"%s"}\n' "$text" "$text" >in
    samestory dedup -q in >out
    [ "$(relations <out | tr '\n' ' ')" = "new copy " ]
    [ "$(jq -c '[.samestory.story,.samestory.of]' out | tail -n 1)" = '["a","a"]' ]
    [ "$(jq '.samestory.p > 0.9' out | tail -n 1)" = true ]
}

@test "the earlier date comes first, whatever the order of the lines" {
    text='The city council voted on Tuesday to rebuild the old harbour bridge, which has been closed since a barge struck one of its pillars in March, and set aside 14 million for the work.'
    printf '{"id":"b","date":"2025-03-02","text":"%s"}\n{"id":"a","date":"2025-03-01","text":"%s"}\n' "$text" "$text" >in
    samestory dedup -q in >out
    [ "$(relations <out | tr '\n' ' ')" = "copy new " ]
    [ "$(stories <out | sort -u)" = a ]
}

@test "the same id and text again gets the same verdict again" {
    { documents 1 2; documents 1 2; } >in
    samestory dedup -q in >out
    cmp <(head -n 2 out) <(tail -n 2 out)
    samestory dedup -q --ids-repeat in >out
    [ "$(relations <out | tail -n 2 | sort -u)" = copy ]
}

@test "the same bytes for one thread and two, and again" {
    zstd -dcq "$DATA/reports.jsonl.zst" >in
    samestory dedup -q --threads 1 in >one
    samestory dedup -q --threads 2 in >two
    cmp one two
    samestory dedup -q --threads 2 -o folder in
    cmp one folder/documents.jsonl
    samestory dedup -q --threads 1 -o again in
    cmp folder/edges.jsonl again/edges.jsonl
    cmp folder/stories.jsonl again/stories.jsonl
}

@test "a million lines of one text" {
    [ -z "${SAMESTORY_SANITIZED-}" ] || skip "not under the sanitizers"
    yes '{"text":"The council met again and again."}' | head -n 1000000 >in
    samestory dedup -q in >out
    [ "$(wc -l <out)" = 1000000 ]
    [ "$(sort -u out | jq -r .samestory.story | sort -u | wc -l)" = 1 ]
}

@test "-o writes five files and nothing to stdout" {
    run -0 --separate-stderr samestory dedup -q -o out "$DATA/news.jsonl"
    [ -z "$output" ]
    [ "$(ls out | tr '\n' ' ')" = "documents.jsonl edges.jsonl removed.jsonl report.json stories.jsonl " ]
    samestory dedup -q "$DATA/news.jsonl" | cmp - out/documents.jsonl
    [ ! -s out/removed.jsonl ]
    [ "$(jq -s 'map(.size) | add' out/stories.jsonl)" = "$(wc -l <out/documents.jsonl)" ]
    [ "$(jq -s 'map(.documents[]) | sort' out/stories.jsonl)" = "$(jq -s 'map(.id) | sort' out/documents.jsonl)" ]
    [ "$(jq -s 'all(.story == .documents[0] and .size == (.documents|length))' out/stories.jsonl)" = true ]
    [ "$(jq '.documents' out/report.json)" = "$(wc -l <out/documents.jsonl)" ]
    [ "$(jq '.stories' out/report.json)" = "$(wc -l <out/stories.jsonl)" ]
    [ -s out/edges.jsonl ]
    [ "$(jq -r 'keys_unsorted - ["alone"] | join(" ")' out/edges.jsonl | sort -u)" = \
        "a b relation p cosine jaccard names dates numbers because" ]
}

@test "edges below the threshold are none, those above join stories" {
    samestory dedup -q -o out "$DATA/news.jsonl"
    threshold=$(jq '.options.threshold' out/report.json)
    [ "$(jq -s --argjson t "$threshold" 'all(.relation == "none" or .p >= $t)' out/edges.jsonl)" = true ]
}

@test "an edge tells what its two documents alone would give, where the others change that" {
    zstd -dcq "$DATA/unseen.jsonl.zst" >in
    samestory dedup -q -o out in
    jq -r '[.a, .b] | @tsv' out/edges.jsonl >list
    samestory pairs -q --list list in | tail -n +2 | cut -f4 >alone
    jq '.alone // .p' out/edges.jsonl | paste - alone | awk '$1 != $2 {exit 1}'
    [ "$(jq -s 'map(select(.alone)) | length > 9 and all(.alone != .p)' out/edges.jsonl)" = true ]
    [ "$(jq -s 'all(.alone == null or .relation == "story" or .relation == "none")' out/edges.jsonl)" = true ]
    samestory dedup -q --as-stream -o stream in # where nobody is asked
    [ "$(jq -s 'any(.alone)' stream/edges.jsonl)" = false ]
}

@test "a removed record is as sure as its edge to the one that stays" {
    zstd -dcq "$DATA/unseen.jsonl.zst" >in
    samestory dedup -q --keep first -o out in
    jq -r '[.a, .b, .p, .relation] | @tsv' out/edges.jsonl >edges
    jq -r 'select(.samestory.of) | [.samestory.of, .id, .samestory.p, .samestory.relation] | @tsv' \
        out/removed.jsonl | awk -F'\t' '
            NR == FNR {edge[$1 FS $2] = $3 FS $4; next}
            ($1 FS $2) in edge {met++; if (edge[$1 FS $2] != $3 FS $4) exit 1} # others are held by a third
            END {if (met < 10) exit 1}' edges -
}

@test "--keep leaves one of each group, and says of what the others are copies" {
    text='The city council voted on Tuesday to rebuild the old harbour bridge, which has been closed since a barge struck one of its pillars in March, and set aside 14 million for the work.'
    { printf '{"id":"a","date":"2025-03-01","text":"%s"}\n' "$text"
        printf '{"id":"b","date":"2025-03-02","text":"%s"}\n' "$text"
        documents 1 1
        printf '{"id":"c","date":"2025-03-03","text":"%s Work begins."}\n' "$text"; } >in
    for keep in first:a longest:c newest:c; do
        samestory dedup -q --keep "${keep%:*}" -o "${keep%:*}" in
        [ "$(jq -r .id "${keep%:*}/documents.jsonl" | sort | tr '\n' ' ')" = "${keep#*:} d1 " ]
        [ "$(jq -r .dup_of "${keep%:*}/removed.jsonl" | sort -u)" = "${keep#*:}" ]
        [ "$(jq -r '.samestory.relation' "${keep%:*}/removed.jsonl" | grep -c new)" = 0 ]
        [ "$(jq .removed "${keep%:*}/report.json")" = 2 ]
        samestory dedup -q --keep "${keep%:*}" in | cmp - "${keep%:*}/documents.jsonl"
    done
}

@test "--keep drops a record that came twice" {
    { documents 1 2; documents 1 1; } >in
    run -0 samestory dedup -q --keep first in
    [ "$(jq -r .id <<<"$output" | tr '\n' ' ')" = "d1 d2 " ]
}

@test "--drop copy keeps what is told anew" {
    samestory dedup -q -o all "$DATA/news.jsonl"
    samestory dedup -q --keep first --drop copy -o copies "$DATA/news.jsonl"
    samestory dedup -q --keep first -o every "$DATA/news.jsonl"
    copies=$(wc -l <copies/documents.jsonl) every=$(wc -l <every/documents.jsonl)
    [ "$every" -le "$copies" ]
    [ "$copies" -lt "$(wc -l <all/documents.jsonl)" ]
    [ "$every" = "$(wc -l <every/stories.jsonl)" ]
    samestory dedup -q --drop copy "$DATA/news.jsonl" | cmp - copies/documents.jsonl
}

@test "--drop and --keep in any order" {
    samestory dedup -q --keep longest --drop copy,story "$DATA/news.jsonl" >one
    samestory dedup -q --drop copy,story --keep longest "$DATA/news.jsonl" | cmp - one
    [ "$(wc -l <one)" -lt "$(wc -l <"$DATA/news.jsonl")" ]
}

@test "a folder that can't be made, a file in the way" {
    documents 1 1 >in
    run -3 --separate-stderr samestory dedup -q -o in/out in
    [[ $stderr == *"in/out: can't make this folder"* ]]
    run -3 --separate-stderr samestory dedup -q -o in in
}
