# src/samestory: from any folder, through links, two at once, after a change; and where it can't.
# A tiny stand-in for the project (its own CMakeLists.txt, one C file) keeps the builds short: what is
# tested is the launcher and src/setup.sh, which are copied from this tree.

bats_require_minimum_version 1.5.0

setup() {
    TREE="$BATS_TEST_TMPDIR/a tree"
    mkdir -p "$TREE/src" "$TREE/include"
    cp "$SAMESTORY_ROOT/src/samestory" "$SAMESTORY_ROOT/src/setup.sh" "$TREE/src/"
    echo '#define WORD "first"' >"$TREE/include/word.h"
    cat >"$TREE/src/main.c" <<'C'
#include "word.h"
#include <stdio.h>
int main(int n, char **a)
{
    int c;
    printf("%s", WORD);
    for (int i = 1; i < n; i++) printf(" [%s]", a[i]);
    puts("");
    while (n > 1 && (c = getchar()) != EOF) putchar(c);
    return n > 2 ? 7 : 0;
}
C
    cat >"$TREE/CMakeLists.txt" <<'C'
cmake_minimum_required(VERSION 3.25)
project(stand-in C)
add_executable(samestory src/main.c)
target_include_directories(samestory PRIVATE include)
add_custom_target(samestory-train)
C
}

@test "builds on first use, hands over arguments, stdin and exit status; noise on stderr only" {
    run -7 --separate-stderr "$TREE/src/samestory" "a b" '$c' <<<"data"
    [ "${lines[0]}" = 'first [a b] [$c]' ]
    [ "${lines[1]}" = data ]
    [[ $stderr == *building* ]]
}

@test "says nothing and is quick from then on" {
    "$TREE/src/samestory"
    begin=$(date +%s%N)
    run -0 --separate-stderr "$TREE/src/samestory"
    [ $((($(date +%s%N) - begin) / 1000000)) -lt 200 ]
    [ "$output" = first ]
    [ -z "$stderr" ]
}

@test "builds again when a source has changed, or is new" {
    "$TREE/src/samestory"
    sleep 0.02
    echo '#define WORD "second"' >"$TREE/include/word.h"
    run -0 --separate-stderr "$TREE/src/samestory"
    [ "$output" = second ]
    run -0 --separate-stderr "$TREE/src/samestory"
    [ -z "$stderr" ]
}

@test "works through links, from elsewhere, and by PATH" {
    ln -s "$TREE/src/samestory" "$BATS_TEST_TMPDIR/absolute"
    ln -s "a tree/src/samestory" "$BATS_TEST_TMPDIR/relative"
    mkdir "$BATS_TEST_TMPDIR/deep"
    ln -s "../relative" "$BATS_TEST_TMPDIR/deep/twice"
    cd /
    for name in absolute relative deep/twice; do
        run -0 --separate-stderr "$BATS_TEST_TMPDIR/$name"
        [ "$output" = first ]
    done
    cd "$TREE/src"
    run -0 --separate-stderr sh samestory
    [ "$output" = first ]
    PATH=$TREE/src:$PATH run -0 --separate-stderr samestory
    [ "$output" = first ]
}

@test "two at once build once and both answer" {
    "$TREE/src/samestory" >"$BATS_TEST_TMPDIR/one" 2>"$BATS_TEST_TMPDIR/noise1" &
    "$TREE/src/samestory" >"$BATS_TEST_TMPDIR/two" 2>"$BATS_TEST_TMPDIR/noise2"
    wait $!
    [ "$(cat "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two")" = $'first\nfirst' ]
    [ "$(cat "$BATS_TEST_TMPDIR"/noise? | grep -c building)" -eq 1 ]
}

@test "a tree that was built and moved is built anew" {
    "$TREE/src/samestory"
    mv "$TREE" "$BATS_TEST_TMPDIR/moved"
    touch "$BATS_TEST_TMPDIR/moved/src/main.c"
    run -0 --separate-stderr "$BATS_TEST_TMPDIR/moved/src/samestory"
    [ "$output" = first ]
}

@test "a build that fails shows its log and ends with 3" {
    echo 'int main(void) { return broken_on_purpose; }' >"$TREE/src/main.c"
    run -3 --separate-stderr "$TREE/src/samestory"
    [ -z "$output" ]
    [[ $stderr == *broken_on_purpose* ]]
    run -3 --separate-stderr "$TREE/src/samestory" # and is tried again
    [[ $stderr == *broken_on_purpose* ]]
}

@test "names what is missing where it can't install it, and ends with 3" {
    mkdir "$BATS_TEST_TMPDIR/bin" # a system with a shell, and without apt, cmake, compilers
    for tool in sh readlink mkdir find head id flock grep rm mktemp cat; do
        ln -s "$(command -v $tool)" "$BATS_TEST_TMPDIR/bin/$tool"
    done
    PATH=$BATS_TEST_TMPDIR/bin run -3 --separate-stderr "$TREE/src/samestory"
    [ -z "$output" ]
    [[ $stderr == *cmake*gcc*libicu-dev* ]]
}
