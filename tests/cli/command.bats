# How the command behaves: options, exit codes, messages, signals.

load helpers

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }

@test "--version names version, CPU path and OpenBLAS core" {
    run -0 --separate-stderr "$SAMESTORY" --version
    [[ ${lines[0]} =~ ^samestory\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
    [[ ${lines[1]} =~ ^CPU\ path:\ .+ ]]
    [[ ${lines[2]} =~ ^OpenBLAS\ core:\ .+ ]]
    [ -z "$stderr" ]
}

@test "help for the whole and for each subcommand" {
    run -0 --separate-stderr "$SAMESTORY" --help
    for subcommand in dedup pairs explain embed eval model; do
        [[ $output == *"samestory $subcommand"* ]]
        run -0 --separate-stderr "$SAMESTORY" help "$subcommand"
        [[ $output == "samestory $subcommand"* ]]
        [ "$("$SAMESTORY" "$subcommand" --help)" = "$output" ]
        run -0 --separate-stderr "$SAMESTORY" --help
    done
    run -2 "$SAMESTORY"
}

@test "what is not known is a usage error with a hint" {
    run -2 --separate-stderr "$SAMESTORY" dedupe
    [[ $stderr == *"did you mean dedup?"* ]]
    run -2 --separate-stderr "$SAMESTORY" dedup --treshold .5
    [[ $stderr == *"did you mean --threshold?"* ]]
    run -2 --separate-stderr "$SAMESTORY" dedup -Z
    [[ $stderr == *"samestory help dedup"* ]]
    run -2 "$SAMESTORY" embed --window 7d x
    run -2 "$SAMESTORY" help nonsense
    [[ $output == *"samestory help"* ]]
}

@test "values are checked" {
    for wrong in "--window 7" "--window 0d" "--window -3d" "--window 7x" "--window inf" "--threshold 0" \
        "--threshold 1.1" "--threshold x" "--threads 0" "--threads 2x" "--keep best" "--drop copies" \
        "--on-error ignore" "--threads" "--no-dates=yes"; do
        # shellcheck disable=SC2086
        run -2 --separate-stderr "$SAMESTORY" dedup $wrong
        [[ $stderr == "samestory: --"* ]]
    done
}

@test "options in all their spellings" {
    documents 1 3 >in
    samestory dedup -q in >expected
    samestory dedup --quiet in | cmp expected -
    samestory dedup in -q | cmp expected -
    samestory dedup -qj1 -- in | cmp expected -
    samestory dedup -q --window=7d --copy-window unlimited --threads=2 in | cmp expected -
    for window in 90s 90m 1.5h 7d 2w unlimited; do samestory dedup -q --window $window in >out; done
}

@test "a model that is not there or is none" {
    documents 1 1 >in
    run -4 --separate-stderr "$SAMESTORY" dedup --model nowhere in
    [[ $stderr == "samestory: nowhere: "* ]]
    echo "no model" >wrong
    run -4 --separate-stderr "$SAMESTORY" dedup --model wrong in
    [ -z "$output" ]
    cp "$SAMESTORY" alone
    [ ! -e /usr/local/share/samestory/samestory.model ] || skip "a model is installed here"
    run -4 --separate-stderr ./alone model
    [[ $stderr == *"--model FILE"* ]]
}

@test "the model is found beside the command" {
    mkdir -p tree/build tree/models
    cp "$SAMESTORY" tree/build/samestory
    cp "$MODEL" tree/models/samestory.model
    tree/build/samestory model >described
    grep -q "^stamp$(printf '\t')" described
    mv tree/models/samestory.model tree/build
    tree/build/samestory model | cmp described -
}

@test "a full disk is an error" {
    documents 1 50 >in
    run -3 --separate-stderr bash -c '"$0" dedup -q --model "$1" in >/dev/full' "$SAMESTORY" "$MODEL"
    [[ $stderr == *"standard output: writing failed"* ]]
    run -3 --separate-stderr bash -c '"$0" help dedup >/dev/full' "$SAMESTORY"
    echo bad >bad
    run -3 --separate-stderr bash -c '"$0" dedup -q --model "$1" --reject /dev/full bad' "$SAMESTORY" "$MODEL"
    [[ $stderr == *"/dev/full: writing failed"* ]]
}

@test "a closed stdout is an error" {
    documents 1 1 >in
    run -3 --separate-stderr bash -c '"$0" dedup -q --model "$1" in >&-' "$SAMESTORY" "$MODEL"
    [[ $stderr == *"standard output: writing failed"* ]]
}

@test "a closed pipe ends the command without a word" {
    documents 1 3000 >in
    bash -c '"$0" dedup -q --model "$1" in 2>err | head -n 1 >out; exit ${PIPESTATUS[0]}' \
        "$SAMESTORY" "$MODEL" || status=$?
    [ "$status" = 141 ]
    [ ! -s err ]
}

@test "stdout is data only, stderr without a terminal has no progress line" {
    documents 1 10 >in
    run -0 --separate-stderr samestory dedup in
    [ "${#lines[@]}" = 10 ]
    [[ $stderr != *$'\r'* ]]
    [[ $stderr == *"10 documents"* ]]
    run -0 --separate-stderr samestory dedup -q in
    [ -z "$stderr" ]
}

@test "a terminal sees progress and a summary, and no colours" {
    command -v script >/dev/null || skip "needs script (util-linux)"
    yes '{"text":"The council met again."}' | head -n 60000 >in
    script -qefc "'$SAMESTORY' dedup --model '$MODEL' in >out" typescript </dev/null >/dev/null
    grep -q $'\rreading  [0-9]* documents  [0-9]*/s' typescript
    grep -q "60000 documents" typescript
    [ "$(grep -c $'\x1b' typescript)" = 0 ]
    script -qefc "'$SAMESTORY' dedup -q --model '$MODEL' in >out" quiet </dev/null >/dev/null
    [ "$(grep -c documents quiet)" = 0 ]
}

@test "a signal leaves no part of a file" {
    yes '{"text":"The council met again."}' | head -n 300000 >in
    mkdir out
    "$SAMESTORY" dedup -q --model "$MODEL" -o out in &
    pid=$!
    for ((i = 0; i < 6000; i++)); do
        [ ! -e out/documents.jsonl.part ] || break
        sleep 0.01
    done
    kill -TERM "$pid"
    wait "$pid" || status=$?
    [ "$status" = 143 ]
    [ -z "$(ls out)" ]
}

@test "what stands in a file name or an id can't write to the terminal" {
    documents 1 1 >in
    run -3 --separate-stderr samestory dedup $'no\x1b[31m\nfile'
    [[ $stderr == "samestory: no?[31m?file: can't open"* ]]
    run -3 --separate-stderr samestory explain -q in d1 $'d\x1b[2J'
    [[ $stderr == "samestory: no document has the id d?[2J:"* ]]
    printf '{"id":"a\\u001b[31m\\nb","text":"one"}\n' >in
    run -0 --separate-stderr samestory explain -q in $'a\x1b[31m\nb' $'a\x1b[31m\nb'
    [ "$(grep -c $'\x1b' <<<"$output")" = 0 ]
}

@test "a file with a name that looks like an option" {
    documents 1 1 >-in
    run -0 samestory dedup -q -- -in
}
