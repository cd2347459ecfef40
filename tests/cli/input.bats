# What dedup reads: any container, any bytes, and gives every one of them back.

load helpers

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }

# same_output FILE...: dedup of these gives what dedup of expected.jsonl gives.
same_output() {
    samestory dedup -q expected.jsonl >expected
    samestory dedup -q "$@" >got
    cmp expected got
}

@test "every line comes back with one member added" {
    samestory dedup -q "$DATA/news.jsonl" >out
    [ "$(wc -l <out)" = "$(wc -l <"$DATA/news.jsonl")" ]
    without_annotation <out | cmp - "$DATA/news.jsonl"
    [ "$(jq -r '.samestory | keys_unsorted | join(" ")' out | sort -u)" = "story relation of p because" ]
}

@test "a new document has no of, no reasons, and is its own story" {
    documents 1 1 >in
    run -0 samestory dedup -q in
    [ "$(jq -c '[.samestory.story,.samestory.relation,.samestory.of,.samestory.because]' <<<"$output")" = \
        '["d1","new",null,[]]' ]
}

@test "stdin, with and without a dash" {
    documents 1 5 >expected.jsonl
    samestory dedup -q expected.jsonl >expected
    samestory dedup -q <expected.jsonl | cmp expected -
    cat expected.jsonl | samestory dedup -q - | cmp expected -
    same_output <(cat expected.jsonl)
}

@test "stdin begins where the shell left it" {
    documents 1 5 >in
    { read -r _; samestory dedup -q; } <in >out
    [ "$(jq -r .id out | tr '\n' ' ')" = "d2 d3 d4 d5 " ]
}

@test "gzip of two members, told by content" {
    documents 1 6 >expected.jsonl
    { head -n 3 expected.jsonl | gzip; tail -n 3 expected.jsonl | gzip; } >packed
    same_output packed
    same_output - <packed
}

@test "zstd of two frames, told by content" {
    documents 1 6 >expected.jsonl
    { head -n 3 expected.jsonl | zstd -q; tail -n 3 expected.jsonl | zstd -q; } >packed
    same_output packed
}

@test "xz, told by content; a cut one is named" {
    documents 1 6 >expected.jsonl
    xz -c expected.jsonl >packed
    same_output packed
    head -c 100 packed >cut
    run -3 --separate-stderr samestory dedup cut
    [[ $stderr == *"cut:"*"too early"* ]]
}

@test "several files, the first without a newline at its end" {
    documents 1 4 >expected.jsonl
    printf '%s' "$(head -n 2 expected.jsonl)" >a
    tail -n 2 expected.jsonl >b
    same_output a b
}

@test "truncated gzip and zstd are errors that name the file" {
    documents 1 500 | gzip >whole.gz
    head -c 3000 whole.gz >cut.gz
    run -3 --separate-stderr samestory dedup cut.gz
    [[ $stderr == *"cut.gz:"*"too early"* ]]
    documents 1 500 | zstd -q >whole.zst
    head -c 3000 whole.zst >cut.zst
    run -3 --separate-stderr samestory dedup cut.zst
    [[ $stderr == *"cut.zst:"*"too early"* ]]
}

@test "what can't be read says what it is and what to do" {
    printf 'BZh91AY&SYrest' >in.jsonl.bz2
    run -3 --separate-stderr samestory dedup in.jsonl.bz2
    [[ $stderr == "samestory: in.jsonl.bz2: bzip2 data: decompress"* ]]
    [ -z "$output" ]
    run -3 --separate-stderr samestory embed - <in.jsonl.bz2
    [[ $stderr == "samestory: -: bzip2 data"* ]]
    printf '\xff\xfe{\0"\0i\0' >wide.jsonl
    run -3 --separate-stderr samestory dedup wide.jsonl
    [[ $stderr == "samestory: wide.jsonl: UTF-16"* ]]
    printf 'PAR1\x15\x04rest' >news.parquet
    run -3 --separate-stderr samestory pairs --all news.parquet
    [[ $stderr == *"news.parquet: a Parquet file"*duckdb* ]]
    # A stray one in a folder of text files stops nothing.
    mkdir folder
    cp in.jsonl.bz2 folder/stray.bz2
    printf 'A title\nA text.\n' >folder/text
    samestory dedup -q folder >out
    [ "$(wc -l <out)" = 2 ]
}

@test "files that are not there or can't be read" {
    run -3 --separate-stderr samestory dedup nowhere.jsonl
    [[ $stderr == "samestory: nowhere.jsonl: can't open"* ]]
    [ -z "$output" ]
    # Opens, and gives an error when it is read; for root, too.
    run -3 --separate-stderr samestory dedup /proc/self/mem
    [[ $stderr == "samestory: /proc/self/mem: reading failed"* ]]
    documents 1 1 >closed
    chmod 0 closed
    [ "$(id -u)" != 0 ] || skip "root reads everything"
    run -3 --separate-stderr samestory dedup closed
    [[ $stderr == "samestory: closed: can't open"* ]]
}

@test "broken JSON in line 3 passes through at its place and is named" {
    { documents 1 2; echo '{"id":"d3","text":"broken'; documents 4 5; } >in
    samestory dedup in >out 2>err
    grep -q '^samestory: in:3: broken JSON' err
    [ "$(sed -n 3p out)" = '{"id":"d3","text":"broken' ]
    [ "$(sed 3d out | jq -r '.id' | tr '\n' ' ')" = "d1 d2 d4 d5 " ]
    without_annotation <out | cmp - in
}

@test "--on-error stop stops, --reject keeps the bad records" {
    { documents 1 1; echo oops; documents 2 2; echo '3'; } >in
    run -3 --separate-stderr samestory dedup --on-error stop in
    [[ $stderr == *"in:2: broken JSON"* ]]
    [ -z "$output" ]
    samestory dedup -q --reject bad in >out
    [ "$(cat bad)" = $'oops\n3' ]
    [ "$(wc -l <out)" = 4 ]
}

@test "only twenty bad records are named" {
    yes broken | head -n 50 >in
    run -0 --separate-stderr samestory dedup in
    [ "$(grep -c 'in:[0-9]*: broken' <<<"$stderr")" = 20 ]
    [[ $stderr == *"30 more bad records"* ]]
    [ "$output" = "$(cat in)" ]
}

@test "empty objects, missing fields, empty and tiny documents are new stories" {
    printf '%s\n' '{}' '{"id":"a"}' '{"title":"only a title"}' '{"text":""}' '{"text":"ten chars."}' \
        '{"text":null,"id":7}' '{ }' >in
    samestory dedup -q in >out
    [ "$(jq -r .samestory.relation out | sort -u)" = new ]
    [ "$(sed -n 1p out | cut -c1-14)" = '{"samestory":{' ]
    [ "$(sed -n 6p out | jq -r .samestory.story)" = 7 ]
}

@test "CRLF, a byte order mark, empty lines and odd spacing stay as they are" {
    printf '\xef\xbb\xbf{"id" : "a",\t"text":"x y z"}\r\n\r\n  \n{ "id":"b" } \r\n{"id":"c","n":1.50e0}' >in
    samestory dedup -q in >out
    printf '\xef\xbb\xbf{"id" : "a",\t"text":"x y z",' >beginning
    cmp beginning <(head -c "$(wc -c <beginning)" out)
    [ "$(grep -c $'\r$' out)" = 3 ]
    [ "$(sed -n 2p out)" = $'\r' ]
    [ "$(sed -n 3p out)" = "  " ]
    [ "$(tail -c 1 out)" = "}" ]
    grep -q '"n":1.50e0,"samestory"' out
}

@test "invalid UTF-8 comes back byte for byte and does no harm" {
    printf '{"id":"a","text":"caf\xe9 \xff\xfe \xed\xa0\x80 closes"}\n{"id":"\xff","text":"another"}\n' >in
    samestory dedup -q in >out
    LC_ALL=C
    without_annotation <out | cmp - in
    [ "$(grep -c '"relation"' out)" = 2 ]
}

@test "a member samestory that is there is replaced in its place" {
    printf '%s\n' '{"id":"a","samestory":{"x":"}\"{","y":[{"z":"]"}]},"text":"some text"}' >in
    run -0 samestory dedup -q in
    [[ $output == '{"id":"a","samestory":{"story":"a","relation":"new","of":null,"p":'*'},"text":"some text"}' ]]
    samestory dedup -q in >once
    samestory dedup -q once | cmp once -
}

@test "numbers of any size, duplicate keys and nested members stay as they are" {
    printf '%s\n' '{"id":1,"id":2,"n":123456789012345678901234567890,"m":{"samestory":1},"text":"abc"}' >in
    samestory dedup -q in | without_annotation | cmp - in
}

@test "a folder of text files: id is the path, the first line the title" {
    mkdir -p news/sub news/.git
    printf 'First title\nFirst text.\n' >news/b.txt
    printf 'Second title\nSecond text.\n' >news/sub/a
    printf 'hidden\n' >news/.git/x
    documents 1 2 >news/a.jsonl
    samestory dedup -q news >out
    [ "$(jq -r .id out | tr '\n' ' ')" = "d1 d2 news/b.txt news/sub/a " ]
    [ "$(jq -c 'keys_unsorted' out | tail -n 2 | sort -u)" = '["id","title","samestory"]' ]
    [ "$(jq -r .title out | tail -n 2 | tr '\n' ' ')" = "First title Second title " ]
}

@test "a text file is one document, packed or not" {
    printf 'A title\nA text.\n' >a.txt
    gzip -k a.txt
    zstd -q a.txt
    samestory dedup -q a.txt a.txt.gz a.txt.zst >out
    [ "$(jq -r .id out | tr '\n' ' ')" = "a.txt a.txt.gz a.txt.zst " ]
    [ "$(jq -r .title out | sort -u)" = "A title" ]
}

@test "fields of one's own" {
    printf '%s\n' '{"key":"k1","body":{"de":"Der Rat der Stadt tagt."},"head":"Rat"}' >in
    run -0 samestory dedup -q --id-field key --text-field body.de --title-field head in
    [ "$(stories <<<"$output")" = k1 ]
}

@test "no id: the URL; no URL: a hash of the content" {
    printf '%s\n' '{"url":"https://example.org/1","text":"one"}' '{"text":"two"}' >in
    samestory dedup -q in >out
    [ "$(stories <out | head -n 1)" = "https://example.org/1" ]
    stories <out | tail -n 1 | grep -Eq '^xxh3:[0-9a-f]{16}$'
}

@test "a document of 50 MiB" {
    { printf '{"id":"big","text":"'; yes 'The council met again and again. ' | head -c 52428800 | tr '\n' ' '
        printf '"}\n'; documents 1 1; } >in
    samestory dedup -q in >out
    [ "$(wc -l <out)" = 2 ]
    without_annotation <out | cmp - in
}

@test "no input at all gives no output" {
    : >empty
    run -0 --separate-stderr samestory dedup -q empty
    [ -z "$output" ]
    run -0 --separate-stderr samestory dedup -q </dev/null
    [ -z "$output" ]
}

@test "an input that changes between the passes is noticed" {
    documents 1 3 >in
    # The reader has looked at the first file when it waits for stdin to end.
    { sleep 3; documents 4 4 >>in; documents 5 5; } |
        { samestory dedup -q in - >out 2>err || echo $? >code; }
    [ "$(cat code)" = 3 ]
    grep -q 'changed while it was being read' err
}
