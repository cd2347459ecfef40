# samestory filter: a line in, a line with its story out, over an index that outlives the process.

load helpers

setup() {
    # An index syncs much; in memory that costs nothing.
    if [ -w /dev/shm ]; then WORK=$(mktemp -d /dev/shm/samestory-filter.XXXXXX); else WORK=$BATS_TEST_TMPDIR; fi
    INDEX=$WORK/index
    cd "$BATS_TEST_TMPDIR"
}

teardown() { [ "$WORK" = "$BATS_TEST_TMPDIR" ] || rm -rf "$WORK"; }

filter() { samestory filter --index "$INDEX" "$@"; }
# The same as a process of its own, to be sent signals.
filter_alone() { exec "$SAMESTORY" filter --model "$MODEL" --index "$INDEX" "$@"; }
index() {
    local what=$1
    shift
    samestory index "$what" "$INDEX" "$@"
}

# by_date NAME: a set of tests/data in the order in which a stream would have got it.
by_date() { zstd -qdc "$DATA/$1.jsonl.zst" | jq -c -s 'sort_by(.date)[]'; }
# Answers, by id.
answers() { jq -c -S '[.id, .samestory]' | sort; }

@test "every line comes out, in order, with its verdict and its other bytes as they were" {
    filter <"$DATA/news.jsonl" >out
    without_annotation <out | cmp - "$DATA/news.jsonl"
    [ "$(relations <out | sort | uniq -c | tr -s ' ' | tr '\n' ';')" = " 1 copy; 10 new; 1 revision; 8 story;" ] ||
        [ "$(relations <out | grep -vc new)" -ge 9 ]
}

@test "a record is answered before the next one is written" {
    mkfifo in out
    filter_alone <in >out &
    exec 8>in 9<out
    head -n 3 "$DATA/news.jsonl" | while IFS= read -r line; do
        printf '%s\n' "$line" >&8
        IFS= read -r -t 20 answer <&9
        [ "$(jq -r .id <<<"$answer")" = "$(jq -r .id <<<"$line")" ]
    done
    exec 8>&- 9<&-
    wait $!
}

@test "what dedup --as-stream answers is what filter answers by date, stopped and begun again anywhere, on any threads" {
    for name in reports debian-press itn; do
        for windows in "" "--window 1d --copy-window 3d"; do
            rm -rf "$INDEX"
            zstd -qdc "$DATA/$name.jsonl.zst" >input
            by_date "$name" >sorted
            samestory dedup -q -j 1 --as-stream $windows input | answers >batch
            samestory dedup -q -j 2 --as-stream $windows input | answers | cmp - batch
            lines=$(wc -l <sorted)
            part=$((lines / 3 + 1))
            for first in 1 $((part + 1)) $((2 * part + 1)); do
                # twenty records more than its share, and stopped: the next one gets these again
                tail -n +$first sorted | head -n $((part + 20)) | filter $windows >/dev/null
            done
            filter $windows --query <sorted >/dev/null
            rm -rf "$INDEX"
            for first in 1 $((part + 1)) $((2 * part + 1)); do
                tail -n +$first sorted | head -n $part | filter $windows
            done | answers | cmp - batch
            echo "$name $windows: $lines records" >&3
        done
    done
}

@test "a story ends a window after its first report, also when filter is begun anew for each record" {
    # each within a day of the one before
    cat >in <<'END'
{"id":"es","date":"2025-05-11T00:00:00Z","title":"Explosión en la fábrica Cromalia de Valdorra","text":"Una explosión destruyó la nave principal de la fábrica de pinturas Cromalia en Valdorra. El alcalde Tomás Irigaray pidió a los 2.300 vecinos que no salgan de casa; 47 bomberos trabajan en el lugar, dijo la jefa Nerea Olabarri."}
{"id":"en","date":"2025-05-11T20:00:00Z","title":"Blast wrecks Cromalia paint factory in Valdorra","text":"The main hall of the Cromalia paint works in Valdorra has been wrecked by an explosion. Mayor Tomás Irigaray told 2,300 residents to stay indoors while 47 firefighters under Nerea Olabarri fight the flames."}
{"id":"de","date":"2025-05-12T06:00:00Z","title":"Explosion zerstört Farbenfabrik Cromalia in Valdorra","text":"In Valdorra hat eine Explosion die Haupthalle der Farbenfabrik Cromalia zerstört. Bürgermeister Tomás Irigaray bat 2.300 Anwohner, in den Häusern zu bleiben. 47 Feuerwehrleute sind unter Leitung von Nerea Olabarri im Einsatz."}
{"id":"fr","date":"2025-05-12T16:00:00Z","title":"Explosion à l'usine Cromalia de Valdorra","text":"Le hall principal de l'usine de peinture Cromalia, à Valdorra, a été détruit par une explosion. Le maire Tomás Irigaray a demandé aux 2 300 habitants de rester chez eux ; 47 pompiers sont sur place, selon leur cheffe Nerea Olabarri."}
{"id":"it","date":"2025-05-13T02:00:00Z","title":"Esplosione nella fabbrica Cromalia di Valdorra","text":"A Valdorra un'esplosione ha distrutto il capannone principale della fabbrica di vernici Cromalia. Il sindaco Tomás Irigaray ha chiesto ai 2.300 abitanti di non uscire di casa; sul posto lavorano 47 vigili del fuoco guidati da Nerea Olabarri."}
{"id":"nl","date":"2025-05-13T12:00:00Z","title":"Ontploffing verwoest verffabriek Cromalia in Valdorra","text":"In Valdorra is de grote hal van verffabriek Cromalia door een ontploffing verwoest. Burgemeester Tomás Irigaray vroeg 2.300 inwoners binnen te blijven. Er zijn 47 brandweerlieden aan het werk onder leiding van Nerea Olabarri."}
END
    while IFS= read -r line; do filter --window 1d <<<"$line"; done <in >out
    [ "$(stories <out | tr '\n' ' ')" = "es es de de de nl " ]
    [ "$(relations <out | tr '\n' ' ')" = "new story new story story new " ]
    samestory dedup -q --as-stream --window 1d in | answers | cmp - <(answers <out)
    [ "$(samestory dedup -q --window 1d in | stories | tr '\n' ' ')" = "es es de de de nl " ]
    for window in 7d unlimited; do
        rm -rf "$INDEX"
        [ "$(filter --window "$window" <in | stories | sort -u)" = es ]
    done
}

@test "the same record again gets the answer it got, also from another process" {
    filter <"$DATA/news.jsonl" >first
    tac "$DATA/news.jsonl" | filter | tac | cmp - first
    run -0 index stats
    [ "$(jq .documents <<<"$output")" -eq 20 ]
}

@test "the same id, or the same URL, with another text is a revision" {
    cat >in <<'END'
{"id":"a","url":"https://x.example/1","date":"2026-01-05","title":"Fire in the harbour of Kesselby","text":"A fire broke out in the harbour of Kesselby on Monday morning. Forty people had to leave their houses. The fire service said that nobody was hurt, and that the cause was not known yet."}
{"id":"a","url":"https://x.example/1","date":"2026-01-05","title":"Fire in the harbour of Kesselby","text":"A fire broke out in the harbour of Kesselby on Monday morning. Sixty people had to leave their houses. The fire service said that two firemen were hurt, and that an oven was the cause."}
{"id":"b","url":"https://x.example/1","date":"2026-01-06","title":"Harbour fire: the damage","text":"The day after the fire the owners of the warehouses began to count what they had lost. The mayor promised help."}
END
    filter <in >out
    [ "$(relations <out | tr '\n' ' ')" = "new revision revision " ]
    [ "$(jq -r .samestory.of <out | tr '\n' ' ')" = "null a a " ] # a's first text, and its second
}

@test "--drop leaves records out, --mark leaves them in and says so" {
    filter --drop copy,revision,story <"$DATA/news.jsonl" >kept
    rm -rf "$INDEX"
    filter --drop copy,revision,story --mark <"$DATA/news.jsonl" >marked
    [ "$(wc -l <marked)" -eq 20 ]
    jq -c 'select(.samestory.dropped | not)' marked | cmp - <(jq -c . kept)
    [ "$(jq -r 'select(.samestory.dropped).samestory.relation' marked | grep -c new || true)" -eq 0 ]
    rm -rf "$INDEX"
    filter --drop copy <"$DATA/news.jsonl" >out
    [ "$(wc -l <out)" -eq 19 ]
    [ "$(relations <out | grep -c copy || true)" -eq 0 ]
    run -2 filter --drop copies </dev/null
}

@test "--verdict-only gives short lines, also for records of any size" {
    filter --verdict-only <"$DATA/news.jsonl" >out
    [ "$(jq -r .id out | tr '\n' ' ')" = "$(jq -r .id "$DATA/news.jsonl" | tr '\n' ' ')" ]
    [ "$(jq -c 'keys' out | sort -u)" = '["id","samestory"]' ]
    [ "$(awk '{if (length > most) most = length} END {print most}' out)" -lt 1024 ]
}

@test "bad records pass byte for byte at their place, silent but for -v" {
    {
        head -n 2 "$DATA/news.jsonl"
        printf '{"id": "broken", "text": \n'
        printf 'no json \377\376 at all\r\n'
        printf '\n'
        printf '{}\n[1,2]\n'
        sed -n 3p "$DATA/news.jsonl"
        printf '{"half": '
    } >in
    filter --reject rejected <in >out 2>err
    [ ! -s err ]
    without_annotation <out >bytes
    cmp bytes in
    [ "$(grep -c . rejected)" -eq 4 ]
    run -0 --separate-stderr filter -v <in
    grep -q ':3: ' <<<"$stderr"
    grep -q ':4: ' <<<"$stderr"
    grep -q '4 bad records' <<<"$stderr"
    run -3 filter --on-error stop <in
}

@test "records of every odd kind" {
    {
        printf '{"id":"empty","text":""}\n{"id":"no text"}\n{"id":"numbers","text":12,"date":-5}\n'
        printf '{"id":"long ago","text":"Something happened in a town.","date":"0001-01-01"}\n'
        printf '{"text":"No id, no date, no title."}\n'
    } >in
    filter <in >out
    [ "$(wc -l <out)" -eq 5 ]
    [ "$(jq -c 'has("samestory")' out | sort -u)" = true ]
    run -0 index verify
}

@test "a record of 50 MiB is answered, and the next one as well" {
    {
        printf '{"id":"huge","text":"'
        yes 'The harbour master of Kesselby counted ships and wrote each of them down. ' | tr -d '\n' | head -c 52428800
        printf '"}\n'
        head -n 1 "$DATA/news.jsonl"
    } >in
    filter --verdict-only <in >out
    [ "$(jq -r '.id + " " + .samestory.relation' out | tr '\n' ';')" = "huge new;hz-1 new;" ]
}

@test "ten thousand identical records: copies of the first, all of them" {
    seq 10000 | sed 's/.*/{"id":"n&","date":"2026-02-03","text":"The ferry to Kerr was cancelled at noon because of a storm from the west, the company said."}/' >in
    filter --verdict-only <in >out
    [ "$(wc -l <out)" -eq 10000 ]
    [ "$(jq -r '.samestory.relation + " " + (.samestory.of // "-")' out | sort | uniq -c | tr -s ' ' | tr '\n' ';')" = " 9999 copy n1; 1 new -;" ]
    echo "10000 identical records" >&3
}

@test "a date in 2099 is taken for tomorrow, and nothing is forgotten" {
    head -n 10 "$DATA/news.jsonl" | filter >/dev/null
    printf '{"id":"wrong","date":"2099-01-01","text":"A clock was wrong."}\n' | filter >/dev/null
    run -0 index stats
    [[ "$(jq -r .latest <<<"$output")" < "$(date -u -d '+2 days' +%Y-%m-%d)" ]]
    [ "$(jq .documents <<<"$output")" -eq 11 ] || [ "$(date +%Y%m)" -gt 202601 ]
    for i in 1 2 3; do printf '{"id":"wrong %d","date":"2099-01-0%d","text":"Clock %d."}\n' $i $i $i; done | filter >/dev/null
    run -0 index stats
    [[ "$(jq -r .latest <<<"$output")" < "$(date -u -d '+2 days' +%Y-%m-%d)" ]]
}

@test "a clock that goes back changes no answer" {
    cat >clock.c <<'END'
#include <stdlib.h>
#include <time.h>
time_t time(time_t *out)
{
    time_t now = (time_t)atoll(getenv("FAKE_TIME"));
    if (out) *out = now;
    return now;
}
END
    [ -z "${SAMESTORY_SANITIZED-}" ] || skip "the sanitizers want to be loaded first"
    "${CC:-cc}" -shared -fPIC -o clock.so clock.c
    by_date reports >in
    filter --copy-window unlimited <in | answers >expected
    then=$(($(date +%s) - 315360000))
    export FAKE_TIME=$then LD_PRELOAD=$PWD/clock.so
    filter --copy-window unlimited <in >again
    printf '{"id":"next","date":"%s","text":"The next record comes."}\n' "$(LD_PRELOAD= date -u +%F)" | filter --copy-window unlimited >next
    export LD_PRELOAD=
    answers <again | cmp - expected
    [ "$(relations <next)" = new ]
    run -0 index verify
    [ "$(index stats | jq .given)" -eq 261 ]
}

@test "late records find what was known of their day" {
    by_date reports >in
    # Each tenth record comes at the end.
    awk 'NR % 10' in >early
    awk 'NR % 10 == 0' in >late
    cat early late | filter --copy-window unlimited >out
    [ "$(wc -l <out)" -eq "$(wc -l <in)" ]
    found=$(tail -n "$(wc -l <late)" out | relations | grep -vc new)
    echo "$found of $(wc -l <late) late records belong to a known story" >&3
    [ "$found" -ge 12 ]
}

@test "records without a date stand where the latest one does" {
    cat >in <<'END'
{"id":"a","date":"2026-01-05","title":"Fire in Kesselby","text":"A fire broke out in the harbour of Kesselby. Forty people had to leave."}
{"id":"b","title":"Fire in Kesselby","text":"A fire broke out in the harbour of Kesselby. Forty people had to leave."}
END
    filter <in | relations | tr '\n' ' ' >out
    [ "$(cat out)" = "new copy " ]
    [ "$(index export | jq -r .date | sort -u)" = 2026-01-05T00:00:00Z ]
}

@test "days that both windows have passed are forgotten, and cost no room" {
    for day in 01 02 03 04 05 06 07 08 09 10 11 12; do
        for i in 1 2 3 4 5; do
            printf '{"id":"%s-%d","date":"2026-03-%s","text":"On day %s item %d was met by council %d."}\n' $day $i $day $day $((i * 7919)) $((i * 31))
        done
    done >in
    filter --window 2d --copy-window 3d <in >/dev/null
    run -0 index stats
    [ "$(jq .given <<<"$output")" -eq 60 ]
    [ "$(jq .documents <<<"$output")" -le 30 ]
    [ "$(ls "$INDEX" | grep -c rows)" -le 6 ]
    run -0 index verify
}

@test "SIGTERM: what was answered is committed, and nothing is on stderr" {
    mkfifo in
    for turn in 1 2 3; do
        filter_alone --commit 1h <in >out 2>err &
        pid=$!
        exec 8>in
        head -n $((turn * 5)) "$DATA/news.jsonl" >&8
        until [ "$(wc -l <out)" -eq $((turn * 5)) ]; do sleep 0.05; done
        kill -TERM $pid
        code=0
        wait $pid || code=$?
        [ $code -eq 143 ]
        exec 8>&-
        [ ! -s err ]
        [ "$(index stats | jq .documents)" -eq $((turn * 5)) ]
    done
}

@test "a commit comes by itself when nothing is read" {
    mkfifo in
    filter_alone --commit 1s <in >out &
    exec 8>in
    head -n 5 "$DATA/news.jsonl" >&8
    for try in $(seq 100); do
        [ "$(index stats 2>/dev/null | jq .documents)" != 5 ] || break
        sleep 0.1
    done
    [ "$(index stats | jq .documents)" -eq 5 ]
    exec 8>&-
    wait $!
}

@test "SIGUSR1 prints progress, here and in dedup" {
    mkfifo in
    filter_alone <in >out 2>err &
    pid=$!
    exec 8>in
    head -n 5 "$DATA/news.jsonl" >&8
    until [ "$(wc -l <out)" -eq 5 ]; do sleep 0.05; done
    kill -USR1 $pid
    for try in $(seq 100); do [ ! -s err ] || break; sleep 0.05; done
    grep -q '5 lines' err
    exec 8>&-
    wait $pid
    mkfifo slow
    "$SAMESTORY" dedup --model "$MODEL" -q slow >out2 2>err2 &
    pid=$!
    exec 8>slow
    sleep 0.5
    kill -USR1 $pid # it waits for its input: it must not die
    cat "$DATA/news.jsonl" >&8
    exec 8>&-
    wait $pid
    [ "$(wc -l <out2)" -eq 20 ]
}

@test "a closed stdout is an error, a closed pipe is none" {
    run -3 --separate-stderr bash -c '"$0" filter --model "$1" --index "$2" <"$3" >&-' "$SAMESTORY" "$MODEL" "$INDEX" "$DATA/news.jsonl"
    grep -q 'standard output' <<<"$stderr"
    { set +o pipefail; for i in 1 2 3 4 5 6; do by_date reports | jq -c ".id += \"-$i\""; done | {
        filter --commit 1h 2>err || echo $? >code
    } | head -n 1 >/dev/null; }
    [ ! -s err ]
    [ "$(cat code)" -eq 141 ]
    [ "$(index stats | jq .documents)" -ge 1 ]
    run -0 index verify
}

@test "what a filter needs, and what it refuses" {
    run -2 samestory filter </dev/null
    run -2 filter --commit 0 </dev/null
    run -2 filter --commit soon </dev/null
    run -0 filter --commit each </dev/null
    run -0 filter --commit 500 </dev/null
    touch file
    run -3 samestory filter --index file </dev/null
    run -3 samestory filter --index no/such/folder </dev/null
    run -3 samestory filter --query --index nothing-here </dev/null
    run -0 --separate-stderr filter </dev/null
    [ -z "$output$stderr" ]
}

@test "files can be named; what is compressed is refused, not passed" {
    head -n 7 "$DATA/news.jsonl" >a
    tail -n +8 "$DATA/news.jsonl" >b
    filter a b >out
    without_annotation <out | cmp - "$DATA/news.jsonl"
    run -3 filter a nowhere
    gzip -k a
    run -3 filter a.gz
    [[ "$output" == *"unpack it first"* ]]
}

# ---- Recipes ---------------------------------------------------------------------------------------

@test "Redpanda Connect: the subprocess processor" {
    # Its contract: one line out for each line in, flushed; what is on stderr counts as failure; lines of
    # at most 64 KiB, so that long articles need --verdict-only.
    mkfifo in out
    filter_alone --verdict-only <in >out 2>err &
    pid=$!
    exec 8>in 9<out
    while IFS= read -r message; do
        printf '%s\n' "$message" >&8
        IFS= read -r -t 20 answer <&9
        [ "${#answer}" -lt 65536 ]
        jq -e --argjson verdict "$answer" '.id == $verdict.id' <<<"$message" >/dev/null
    done < <(by_date itn | head -n 100)
    exec 8>&-
    wait $pid
    [ ! -s err ]
}

@test "a shell pipeline: only what is new" {
    by_date itn | filter --drop copy,revision,story | jq -r '.title // .text' >new
    total=$(by_date itn | wc -l)
    [ "$(wc -l <new)" -lt $((total * 9 / 10)) ]
    [ "$(wc -l <new)" -gt 40 ]
}

@test "a Miniflux webhook: HTML in content, dates and hashes" {
    cat >in <<'END'
{"id":1,"hash":"h1","url":"https://a.example/1","title":"Fire in Kesselby","published_at":"2026-01-05T10:00:00Z","content":"<p>A fire broke out in the harbour of <b>Kesselby</b>.</p><p>Forty people had to leave their houses.</p>"}
{"id":2,"hash":"h2","url":"https://b.example/9","title":"Fire in Kesselby","published_at":"2026-01-05T11:00:00Z","content":"<div>A fire broke out in the harbour of Kesselby. Forty people had to leave their houses.</div>"}
END
    filter <in >out
    [ "$(relations <out | tr '\n' ' ')" = "new copy " ]
    [ "$(jq -r .id out | tr '\n' ' ')" = "1 2 " ]
}
