# What an index must survive: kill -9 at any point, a full disk, torn and flipped bytes, many writers.
# Counts are printed beside the results.

load helpers

setup_file() {
    # All test sets as one stream; windows without an end, so that every answer stays comparable.
    export STREAM=$BATS_FILE_TMPDIR/stream EXPECTED=$BATS_FILE_TMPDIR/expected
    for name in reports debian-press itn; do zstd -qdc "$DATA/$name.jsonl.zst"; done |
        jq -c -s 'sort_by(.date)[] | {id, url, date, title, text, lang} | with_entries(select(.value != null))' >"$STREAM"
    samestory dedup -q --as-stream --window 30d --copy-window unlimited "$STREAM" | answers >"$EXPECTED"
    export RECORDS=$(wc -l <"$STREAM")
}

setup() {
    if [ -w /dev/shm ]; then WORK=$(mktemp -d /dev/shm/samestory-faults.XXXXXX); else WORK=$BATS_TEST_TMPDIR; fi
    INDEX=$WORK/index
    WINDOWS="--window 30d --copy-window unlimited"
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    ! mountpoint -q "$BATS_TEST_TMPDIR/small" 2>/dev/null || umount "$BATS_TEST_TMPDIR/small"
    [ "$WORK" = "$BATS_TEST_TMPDIR" ] || rm -rf "$WORK"
}

filter() { samestory filter --index "$INDEX" $WINDOWS "$@"; }
filter_alone() { exec "$SAMESTORY" filter --model "$MODEL" --index "$INDEX" $WINDOWS "$@"; }
index() {
    local what=$1
    shift
    samestory index "$what" "$INDEX" "$@"
}
answers() { jq -c -S '[.id, .samestory]' | sort; }
stored() { index stats | jq .documents; }

# The rest of the stream brings the index to where one run would have brought it.
complete_and_compare() {
    filter <"$STREAM" | answers >"$WORK/answers"
    cmp "$WORK/answers" "$EXPECTED"
    [ "$(stored)" -eq "$RECORDS" ]
    [ "$(index export | jq -r .id | sort -u | wc -l)" -eq "$RECORDS" ]
    run -0 index verify
}

# flip FILE OFFSET: turns one bit of one byte around.
flip() {
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf "\\$(printf %o $((byte ^ 1 << RANDOM % 8)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

@test "kill -9 at random points under load: nothing that was committed is lost, nothing is doubled" {
    kills=200
    [ -z "${SAMESTORY_SANITIZED-}" ] || kills=10
    before=0 grown=0
    for turn in $(seq $kills); do
        # it gets the last records again, and is killed when it has answered some that are new, wherever
        # that is in a commit
        first=$((before > 20 ? before - 20 : 1))
        target=$((before - first + RANDOM % 40))
        tail -n +$first "$STREAM" >"$WORK/rest"
        filter_alone --commit $((1 + RANDOM % 7)) <"$WORK/rest" >"$WORK/out" &
        pid=$!
        until [ "$(wc -l <"$WORK/out")" -ge $target ] || ! kill -0 $pid 2>/dev/null; do sleep 0.01; done
        sleep "0.00$((RANDOM % 10))"
        kill -KILL $pid 2>/dev/null || true
        wait $pid 2>/dev/null || true
        now=$(stored 2>/dev/null)
        [ "${now:-0}" -gt 0 ] || [ "$before" -gt 0 ] || continue # killed before its first commit
        [ "$now" -ge "$before" ]
        # all that was answered, but for one commit's records, is there
        [ "$now" -ge $((first - 1 + $(wc -l <"$WORK/out") - 8)) ]
        [ "$now" -eq "$before" ] || grown=$((grown + 1))
        before=$now
        index verify -q
        # once all is in, from the beginning
        if [ "$now" -eq "$RECORDS" ]; then
            complete_and_compare
            rm -rf "$INDEX"
            before=0
        fi
    done
    complete_and_compare
    echo "$kills kills, $grown of them after a commit, $RECORDS records" >&3
}

@test "a power cut: what lies behind the committed length is cut off" {
    head -n 300 "$STREAM" | filter >/dev/null
    rows=$(ls "$INDEX"/*.rows | tail -n 1)
    head -c 1000 /dev/urandom >>"$rows"
    head -c 5000 /dev/urandom >>"${rows%.rows}.data"
    head -c 777 /dev/urandom >"$INDEX/20990101-0000099999.rows" # of a slice that was never committed
    head -c 777 /dev/urandom >"$INDEX/0000099999-00256.keys.x1y2z3"
    run -0 index verify
    complete_and_compare
    index compact -q
    [ ! -e "$INDEX/20990101-0000099999.rows" ]
    [ ! -e "$INDEX/0000099999-00256.keys.x1y2z3" ]
    complete_and_compare
}

@test "a flipped bit in any file of slices, keys or statistics is found, and a rebuild keeps the rest" {
    filter <"$STREAM" >/dev/null
    cp -r "$INDEX" "$WORK/good"
    tries=0
    for file in $(for kind in rows data counts keys totals; do ls "$WORK/good" | grep "$kind\$" | shuf -n 8; done); do
        size=$(stat -c %s "$WORK/good/$file")
        for turn in 1 2 3; do
            rm -rf "$INDEX"
            cp -r "$WORK/good" "$INDEX"
            at=$(((RANDOM * 32768 + RANDOM) % size))
            flip "$INDEX/$file" $at
            code=0
            index verify >/dev/null 2>&1 || code=$?
            [ $code -eq 1 ] || [ $code -eq 3 ] || { echo "$file $at: verify ended with $code"; false; }
            tries=$((tries + 1))
        done
        # what can be mended is: at most the one document that was hit is lost
        case $((RANDOM % 6)) in 0)
            index rebuild -q
            run -0 index verify
            [ "$(stored)" -ge $((RECORDS - 1)) ]
            ;;
        esac
    done
    echo "$tries flipped bits, all found" >&3
}

@test "an index with flipped bits is asked: an error, or answers, never a crash" {
    filter <"$STREAM" >/dev/null
    cp -r "$INDEX" "$WORK/good"
    tail -n 30 "$STREAM" | jq -c '.id += "-again" | .text += " And more."' >asked
    errors=0 tries=25
    for turn in $(seq $tries); do
        rm -rf "$INDEX"
        cp -r "$WORK/good" "$INDEX"
        for file in $(ls "$INDEX" | grep -v catalogue | shuf -n 10); do
            size=$(stat -c %s "$INDEX/$file")
            flip "$INDEX/$file" $((64 + (RANDOM * 32768 + RANDOM) % (size - 64)))
        done
        code=0
        filter -q <asked >out 2>err || code=$?
        [ $code -eq 0 ] || [ $code -eq 3 ]
        [ $code -eq 0 ] || errors=$((errors + 1))
    done
    echo "$errors of $tries times with an error" >&3
}

@test "a flipped bit in the catalogue is found, or changes nothing" {
    filter <"$STREAM" >/dev/null
    cp -r "$INDEX" "$WORK/good"
    index export >"$WORK/export"
    size=$(stat -c %s "$INDEX/catalogue.mdb")
    found=0 tries=40
    for turn in $(seq $tries); do
        rm -rf "$INDEX"
        cp -r "$WORK/good" "$INDEX"
        flip "$INDEX/catalogue.mdb" $(((RANDOM * 32768 + RANDOM) % size))
        code=0
        index verify >/dev/null 2>&1 || code=$?
        if [ $code -eq 0 ]; then
            index export | cmp - "$WORK/export"
        else
            found=$((found + 1))
            index rebuild -q
            run -0 index verify
            index export | cmp - "$WORK/export"
        fi
    done
    echo "$found of $tries flipped bits meant something, and were found" >&3
}

# The older of the two heads says it is the newer: what it knows is sound, but lacks the last commit.
@test "a head of the catalogue that names another commit, or another tree, is found" {
    filter <"$STREAM" >/dev/null
    index export >"$WORK/export"
    for byte in 144 147 4224 4240; do # the number of the commit; the page of the tree
        cp -r "$INDEX" "$WORK/flipped"
        printf "\\$(printf %o $(($(od -An -tu1 -j $byte -N 1 "$INDEX/catalogue.mdb") ^ 1)))" |
            dd of="$WORK/flipped/catalogue.mdb" bs=1 seek=$byte conv=notrunc status=none
        code=0
        samestory index verify "$WORK/flipped" >/dev/null 2>&1 || code=$?
        [ $code -ne 0 ] || cmp <(samestory index export "$WORK/flipped") "$WORK/export"
        rm -rf "$WORK/flipped"
    done
}

@test "torn files: a lost catalogue, a lost slice, cut files; a rebuild keeps what is sound" {
    filter <"$STREAM" >/dev/null
    cp -r "$INDEX" "$WORK/good"
    index export >"$WORK/export"
    rm "$INDEX"/catalogue.mdb*
    run -3 filter </dev/null
    [[ "$output" == *rebuild* ]]
    index rebuild -q
    index export | cmp - "$WORK/export"
    complete_and_compare
    for file in $(ls "$INDEX" | grep -E 'keys|totals|counts' | shuf -n 6 --random-source="$STREAM"); do
        truncate -s $(($(stat -c %s "$INDEX/$file") / 2)) "$INDEX/$file"
        code=0
        index verify >/dev/null 2>&1 || code=$?
        [ $code -ne 0 ]
        index rebuild -q
        run -0 index verify
        index export | cmp - "$WORK/export"
    done
    rows=$(ls "$INDEX"/*.rows | sed -n 20p)
    truncate -s $(($(stat -c %s "$rows") / 2)) "$rows"
    rm -f "$(ls "$INDEX"/*.data | sed -n 30p)" "$(ls "$INDEX"/*.rows | sed -n 40p)"
    run -3 filter </dev/null
    index rebuild -q
    run -0 index verify
    lost=$((RECORDS - $(stored)))
    [ "$lost" -gt 0 ]
    [ "$lost" -lt 60 ]
    filter <"$STREAM" >/dev/null
    [ "$(stored)" -eq "$RECORDS" ]
    run -0 index verify
    echo "three slices torn: $lost documents lost, all others kept" >&3
}

@test "a full disk: nothing that was committed is lost, and it goes on when there is room" {
    [ "$(id -u)" -eq 0 ] || skip "needs root to make a small disk"
    mkdir small
    mount -t tmpfs -o size=1500k tmpfs small 2>/dev/null || skip "can't mount a small disk here"
    INDEX=$PWD/small/index
    run -3 filter --commit 10 <"$STREAM"
    [[ "$output" == *"room"* ]]
    kept=$(stored)
    [ "$kept" -gt 100 ]
    [ "$kept" -lt "$RECORDS" ]
    run -0 index verify
    run -3 filter --commit 10 <"$STREAM"
    [ "$(stored)" -ge "$kept" ]
    mount -o remount,size=40m small
    complete_and_compare
    umount small
    echo "full at $kept of $RECORDS records" >&3
}

@test "a read-only index can be asked, and says so when it is given something" {
    [ "$(id -u)" -eq 0 ] || skip "needs root to make a read-only disk"
    mkdir small
    mount -t tmpfs -o size=40m tmpfs small 2>/dev/null || skip "can't mount a disk here"
    INDEX=$PWD/small/index
    head -n 300 "$STREAM" | filter >/dev/null
    mount -o remount,ro small
    head -n 300 "$STREAM" | filter --query | answers >out
    head -n 300 "$STREAM" | jq -r .id | sort >ids
    [ "$(wc -l <out)" -eq 300 ]
    comm -12 out "$EXPECTED" | wc -l | grep -qx 300
    run -3 filter <"$STREAM"
    [[ "$output" == *"can't be written"* ]]
    run -0 index verify
    run -0 index stats
    run -3 index expire --before 2020-01-01
    umount small
}

@test "an index that is only to be read by this user can be asked" {
    [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null || skip "needs root to become another user"
    head -n 100 "$STREAM" | filter >/dev/null
    chmod 755 "$WORK" "$BATS_TEST_TMPDIR"
    chmod -R a+rX,go-w "$INDEX"
    setpriv --reuid 65534 --regid 65534 --clear-groups test -r "$MODEL" -a -x "$SAMESTORY" ||
        skip "another user can't reach this tree"
    head -n 10 "$STREAM" | setpriv --reuid 65534 --regid 65534 --clear-groups \
        "$SAMESTORY" filter --model "$MODEL" --index "$INDEX" --query >out
    [ "$(wc -l <out)" -eq 10 ]
}

@test "eight writers at once: every record once, whoever brought it" {
    for writer in 1 2 3 4 5 6 7 8; do
        # each brings the stream from another place on, so that all of them bring everything
        { tail -n +$((writer * 100)) "$STREAM"; head -n $((writer * 100 - 1)) "$STREAM"; } >"$WORK/in$writer"
        filter --commit $((3 * writer)) <"$WORK/in$writer" >"$WORK/out$writer" &
    done
    wait
    [ "$(stored)" -eq "$RECORDS" ]
    [ "$(index export | jq -r .id | sort -u | wc -l)" -eq "$RECORDS" ]
    run -0 index verify
    for writer in 1 2 3 4 5 6 7 8; do [ "$(wc -l <"$WORK/out$writer")" -eq "$RECORDS" ]; done
    # from now on all of them are told the same
    filter <"$WORK/in3" | answers >one
    filter <"$WORK/in7" | answers | cmp - one
}

@test "SIGTERM at random points: all that was answered is there" {
    turns=30
    [ -z "${SAMESTORY_SANITIZED-}" ] || turns=4
    for turn in $(seq $turns); do
        rm -rf "$INDEX"
        filter_alone --commit $((1 + RANDOM % 20)) <"$STREAM" >"$WORK/out" &
        pid=$!
        sleep "0.$(printf %03d $((100 + RANDOM % 500)))"
        kill -TERM $pid 2>/dev/null || true
        wait $pid || true
        [ ! -s "$WORK/out" ] || [ "$(stored)" -eq "$(wc -l <"$WORK/out")" ]
        [ ! -s "$WORK/out" ] || index verify -q
    done
    echo "$turns times" >&3
}

@test "expiry and take-down while a filter runs" {
    mkfifo in
    filter_alone <in >out &
    pid=$!
    exec 8>in
    head -n 500 "$STREAM" >&8
    until [ "$(wc -l <out)" -ge 500 ]; do sleep 0.1; done
    for try in $(seq 50); do [ "$(stored)" -ne 500 ] || break; sleep 0.1; done
    victim=$(sed -n 450p "$STREAM" | jq -r .id)
    index delete -q "$victim"
    index expire --before "$(sed -n 250p "$STREAM" | jq -r '.date[:10]')"
    [ "$(stored)" -lt 500 ]
    tail -n +501 "$STREAM" >&8
    exec 8>&-
    wait $pid
    run -0 index verify
    [ "$(index export | jq -r .id | grep -cxF "$victim" || true)" -eq 0 ]
    run -1 grep -qaF "$(sed -n 450p "$STREAM" | jq -r '.text[:40]')" "$INDEX"/*
    sed -n 450p "$STREAM" | filter >again # it may come again, and is then a document like any other
    [ "$(wc -l <again)" -eq 1 ]
}

