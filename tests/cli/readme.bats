# README.md keeps its word. Every block marked "sh" is run as it stands, in order, in an empty clone of
# this repository; every block marked "c" is compiled against the built library and run there. Blocks
# with other marks (console, text) are not run.

bats_require_minimum_version 1.5.0

# blocks MARK: writes the README's blocks of that mark to the files 01.MARK, 02.MARK ...
blocks() {
    awk -v mark="$1" -v to="$BATS_FILE_TMPDIR/" '
        $0 == "```" mark {n++; file = sprintf("%s%02d.%s", to, n, mark); printf "" >file; next}
        /^```/ {file = ""}
        file {print >file}' "$SAMESTORY_ROOT/README.md"
}

setup_file() {
    [ -z "${SAMESTORY_SANITIZED-}" ] || return 0 # the clone builds without the sanitizers
    export HOME=$BATS_FILE_TMPDIR/home CLONE="$BATS_FILE_TMPDIR/my clone"
    mkdir "$HOME"
    git config --global safe.directory '*'
    git clone -q "$SAMESTORY_ROOT" "$CLONE"
    blocks sh
    blocks c
}

setup() {
    [ -z "${SAMESTORY_SANITIZED-}" ] || skip "not under the sanitizers"
}

@test "the first command builds, answers, and says little" {
    cd "$CLONE"
    run -0 --separate-stderr src/samestory dedup tests/data/news.jsonl
    [ "${#lines[@]}" -eq 20 ]
    [ "$(printf '%s\n' "$output" | jq -r 'select(.id == "wd-1").samestory | "\(.relation) \(.of)"')" = "copy pc-1" ]
    [ "$(printf '%s\n' "$stderr" | wc -l)" -lt 20 ]
}

@test "the second command starts at once" {
    cd /
    begin=$(date +%s%N)
    for i in 1 2 3 4 5; do "$CLONE/src/samestory" --version >"$BATS_TEST_TMPDIR/out"; done
    each=$((($(date +%s%N) - begin) / 5000000))
    echo "$each ms"
    [ "$each" -lt 100 ]
}

@test "every sh block runs as it stands" {
    cd "$CLONE"
    blocks=("$BATS_FILE_TMPDIR"/*.sh)
    [ -f "${blocks[0]}" ]
    for block in "${blocks[@]}"; do
        echo "--- $block"
        cat "$block"
        bash -e -o pipefail "$block" </dev/null
    done
}

@test "every c block is a program that builds and runs" {
    cd "$CLONE"
    programs=("$BATS_FILE_TMPDIR"/*.c)
    [ -f "${programs[0]}" ]
    PREFIX=$BATS_TEST_TMPDIR/prefix
    cmake --install "$SAMESTORY_BUILD" --prefix "$PREFIX" >/dev/null
    LIB=$(dirname "$(find "$PREFIX" -name libsamestory.so)")
    for program in "${programs[@]}"; do
        "$CC" -Wall -Wextra -Werror "$program" -o "$BATS_TEST_TMPDIR/program" \
            $(PKG_CONFIG_PATH=$LIB/pkgconfig pkg-config --cflags --libs samestory)
        LD_LIBRARY_PATH=$LIB run -0 "$BATS_TEST_TMPDIR/program" models/samestory.model
        echo "$output"
        [ -n "$output" ]
    done
}
