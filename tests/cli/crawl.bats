# Crawl dumps as they are: WET and WARC, whatever they are packed in, and lists of them.

load helpers

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }

# record TYPE ID DATE MEDIA-TYPE BLOCK: one WARC record.
record() {
    printf 'WARC/1.0\r\nWARC-Type: %s\r\nWARC-Record-ID: <urn:uuid:%s>\r\nWARC-Date: %s\r\n' "$1" "$2" "$3"
    printf 'WARC-Target-URI: https://example.org/%s\r\nContent-Type: %s\r\n' "$2" "$4"
    printf 'Content-Length: %d\r\n\r\n%s\r\n\r\n' "$(LC_ALL=C; printf %s "$5" | wc -c)" "$5"
}

# wet ID DATE TEXT: a record of a WET file.
wet() { record conversion "$1" "$2" text/plain "$3"; }

# page ID DATE HTML: a response.
page() {
    record response "$1" "$2" 'application/http; msgtype=response' \
        $'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n'"$3"
}

bridge='The city council voted on Tuesday to rebuild the old harbour bridge, which has been closed since a barge struck one of its pillars in March, and set aside 14 million for the work.'
school='Teachers at the school in Upper Marrow went on strike on Monday over the plan to close two of its three buildings, and parents said that they would join them.'

# Four records, of which three are documents and two of these tell one text.
four() {
    record warcinfo 0 2025-03-01T00:00:00Z application/warc-fields 'isPartOf: test'
    wet a 2025-03-01T08:00:00Z $'Bridge to be rebuilt\n'"$bridge"
    wet b 2025-03-01T09:00:00Z $'Strike in Upper Marrow\n'"$school"
    wet c 2025-03-02T08:00:00Z $'Bridge to be rebuilt\n'"$bridge"
}

# The same, one gzip member a record, as Common Crawl has it.
four_members() {
    record warcinfo 0 2025-03-01T00:00:00Z application/warc-fields 'isPartOf: test' | gzip
    wet a 2025-03-01T08:00:00Z $'Bridge to be rebuilt\n'"$bridge" | gzip
    wet b 2025-03-01T09:00:00Z $'Strike in Upper Marrow\n'"$school" | gzip
    wet c 2025-03-02T08:00:00Z $'Bridge to be rebuilt\n'"$bridge" | gzip
}

@test "a WET file gives a line a document: id, url, title, date and the verdict" {
    four >crawl
    samestory dedup crawl >out 2>err
    [ "$(jq -r .id out | tr '\n' ' ')" = "<urn:uuid:a> <urn:uuid:b> <urn:uuid:c> " ]
    [ "$(jq -c keys_unsorted out | sort -u)" = '["id","url","title","date","samestory"]' ]
    [ "$(jq -c '[.url,.title,.date]' out | tail -n 1)" = \
        '["https://example.org/c","Bridge to be rebuilt","2025-03-02T08:00:00Z"]' ]
    [ "$(relations <out | tr '\n' ' ')" = "new new copy " ]
    grep -q '^samestory: 3 documents: 2 new, 0 repeated, 1 copy, 0 revisions, 0 reports' err
    grep -q '^samestory: passed over, as they hold no text: 1 warcinfo$' err
}

@test "packed by record, as a whole, in zstd and xz; told by content" {
    four >plain
    samestory dedup -q plain >expected
    [ "$(wc -l <expected)" = 3 ]
    four_members >members
    gzip -c plain >whole
    zstd -qc plain >frame
    xz -c plain >xz
    local way
    for way in members whole frame xz; do
        samestory dedup -q "$way" | cmp expected -
        samestory dedup -q - <"$way" | cmp expected -
        cat "$way" | samestory dedup -q | cmp expected -
    done
    mkdir folder
    cp members folder/CC-MAIN.warc.wet.gz
    samestory dedup -q folder | cmp expected -
}

@test "pairs, embed, explain and -o take it, too" {
    four_members >in.warc.wet.gz
    samestory pairs -q --all in.warc.wet.gz >pairs
    [ "$(wc -l <pairs)" = 4 ]
    [ "$(awk '$1 == "<urn:uuid:a>" && $2 == "<urn:uuid:c>" { print $3 }' pairs)" = copy ]
    samestory embed -q in.warc.wet.gz >vectors
    head -c 128 vectors | grep -aq "'shape': (3, "
    samestory explain -q in.warc.wet.gz '<urn:uuid:a>' '<urn:uuid:c>' | grep -q '^Bridge to be'
    samestory dedup -q --keep first --drop copy -o a/b/c in.warc.wet.gz
    [ "$(jq -r .id a/b/c/documents.jsonl | tr '\n' ' ')" = "<urn:uuid:a> <urn:uuid:b> " ]
    [ "$(jq -c '[.id,.dup_of]' a/b/c/removed.jsonl)" = '["<urn:uuid:c>","<urn:uuid:a>"]' ]
    [ "$(jq .skipped.warcinfo a/b/c/report.json)" = 1 ]
}

@test "a WARC file of pages: the HTML's title and text; everything else is counted" {
    {
        record request r 2025-03-01T08:00:00Z application/http $'GET / HTTP/1.1\r\n\r\n' | gzip
        page a 2025-03-01T08:00:00Z "<html><head><title>Bridge to be rebuilt</title></head><body><nav><a href=/>Home</a></nav><article><h1>Bridge to be rebuilt</h1><p>$bridge</p></article></body></html>" | gzip
        record response i 2025-03-01T08:00:00Z application/http $'HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\n\r\nGIF89a' | gzip
        record response m 2025-03-01T08:00:00Z application/http $'HTTP/1.1 301 Moved\r\nContent-Type: text/html\r\n\r\n<p>moved' | gzip
        wet b 2025-03-01T09:00:00Z $'Bridge to be rebuilt\n'"$bridge" | gzip
    } >in.warc.gz
    samestory dedup in.warc.gz >out 2>err
    [ "$(jq -r .title out | sort -u)" = "Bridge to be rebuilt" ]
    [ "$(relations <out | tr '\n' ' ')" = "new copy " ]
    grep -q 'passed over, as they hold no text: 1 not text, 1 other status, 1 request$' err
}

@test "damaged records are named by file and number, and cost themselves only" {
    {
        wet a 2025-03-01T08:00:00Z "$bridge" | gzip
        wet b 2025-03-01T08:00:00Z "$school" | gzip | head -c 150
        wet c 2025-03-02T08:00:00Z "$bridge" | gzip
        printf 'WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: -7\r\n\r\nx\r\n\r\n' | gzip
        wet d 2025-03-03T08:00:00Z "$bridge" | gzip
        printf 'garbage of no use\n' | gzip
        wet e 2025-03-04T08:00:00Z "$bridge" | gzip
    } >in.warc.wet.gz
    run -0 --separate-stderr samestory dedup --reject bad in.warc.wet.gz
    [ "$(jq -r .id <<<"$output" | tr '\n' ' ')" = "<urn:uuid:a> <urn:uuid:c> <urn:uuid:d> <urn:uuid:e> " ]
    [[ $stderr == *"in.warc.wet.gz:2: damaged"* ]]
    [[ $stderr == *"in.warc.wet.gz:4: "*"Content-Length"* ]]
    [[ $stderr == *"in.warc.wet.gz:6: no WARC record"* ]]
    [[ $stderr == *"3 bad records"* ]]
    grep -q '^garbage of no use$' bad
    grep -q '^Content-Length: -7' bad
    run -3 --separate-stderr samestory dedup --on-error stop in.warc.wet.gz
    [[ $stderr == *"in.warc.wet.gz:2: damaged"* ]]
}

@test "a list of files: relative to its folder, or to a base; URLs are refused" {
    mkdir -p lists/crawl-data elsewhere/crawl-data
    wet a 2025-03-01T08:00:00Z "$bridge" | gzip >lists/crawl-data/1.warc.wet.gz
    wet b 2025-03-01T09:00:00Z "$school" | gzip >lists/crawl-data/2.warc.wet.gz
    cp lists/crawl-data/2.warc.wet.gz elsewhere/crawl-data/1.warc.wet.gz
    printf 'crawl-data/1.warc.wet.gz\n\ncrawl-data/2.warc.wet.gz\r\n%s/lists/crawl-data/1.warc.wet.gz' "$PWD" >lists/wet.paths
    gzip -k lists/wet.paths
    local list
    for list in lists/wet.paths lists/wet.paths.gz; do
        run -0 samestory dedup -q "$list"
        [ "$(jq -r .id <<<"$output" | tr '\n' ' ')" = "<urn:uuid:a> <urn:uuid:b> <urn:uuid:a> " ]
    done
    echo crawl-data/1.warc.wet.gz >lists/one.paths
    run -0 samestory dedup -q --paths-base elsewhere lists/one.paths
    [ "$(jq -r .id <<<"$output")" = "<urn:uuid:b>" ]
    # A list in a folder names files that are read with the folder.
    run -0 samestory dedup -q lists
    [ "$(wc -l <<<"$output")" = 2 ]
    printf 'crawl-data/1.warc.wet.gz\nhttps://data.commoncrawl.org/crawl-data/1.warc.wet.gz\n' >lists/url.paths
    run -3 --separate-stderr samestory dedup lists/url.paths
    [[ $stderr == "samestory: lists/url.paths:2: a URL: download"* ]]
    echo nowhere.gz >lists/missing.paths
    run -3 --separate-stderr samestory dedup lists/missing.paths
    [[ $stderr == "samestory: lists/nowhere.gz: can't open"* ]]
}

@test "--shard: the shares of several files, or of one file's records, are all and apart" {
    documents 1 7 >seven.jsonl
    local i
    for i in 0 1 2; do samestory dedup -q --shard "$i/3" seven.jsonl | jq -r .id; done >ids
    [ "$(tr '\n' ' ' <ids)" = "d1 d4 d7 d2 d5 d3 d6 " ]
    # Counted from 1 the shares are the same ones.
    [ "$(samestory dedup -q --shard 3/3 seven.jsonl | jq -r .id | tr '\n' ' ')" = "d1 d4 d7 " ]
    for i in 1 2 3 4 5; do documents "$i" "$i" >"$i.jsonl"; done
    printf '%s.jsonl\n' 1 2 3 4 5 gone >all.paths
    [ "$(samestory dedup -q --shard 1/2 ./?.jsonl | jq -r .id | tr '\n' ' ')" = "d2 d4 " ]
    # A machine needs the files of its own share only.
    [ "$(samestory dedup -q --shard 0/2 all.paths | jq -r .id | tr '\n' ' ')" = "d1 d3 d5 " ]
    four_members >crawl
    [ "$(samestory dedup -q --shard 1/2 crawl | jq -r .id)" = "<urn:uuid:b>" ]
    local wrong
    for wrong in 1 1/0 3/2 -1/2 a/b 1/2x ''; do
        run -2 --separate-stderr samestory dedup --shard "$wrong" seven.jsonl
        [[ $stderr == *"--shard $wrong: give i/N"* ]]
    done
}

@test "a field that no record has ends the work with a word" {
    documents 1 3 >in
    run -2 --separate-stderr samestory dedup -q --text-field txet in
    [ -z "$output" ]
    [[ $stderr == "samestory: --text-field txet: no record has this field"* ]]
    run -0 --separate-stderr samestory dedup --date-field day in
    [[ $stderr == *"--date-field day: no record has this field"* ]]
    [ "$(wc -l <<<"$output")" = 3 ]
    : >empty
    run -0 samestory dedup -q --text-field txet empty
}
