# Installation: what is installed is whole, shows only its public names, and others can build with it.

bats_require_minimum_version 1.5.0

setup_file() {
    export PREFIX=$BATS_FILE_TMPDIR/prefix
    cmake --install "$SAMESTORY_BUILD" --prefix "$PREFIX" >&2
}

setup() {
    # A program without the sanitizers can't load a library with them.
    [ -z "${SAMESTORY_SANITIZED-}" ] || skip "not under the sanitizers"
    LIB=$(dirname "$(find "$PREFIX" -name libsamestory.a)")
    export PKG_CONFIG_PATH=$LIB/pkgconfig
    SOURCES=$SAMESTORY_ROOT/tests/package
    WANTED="$(sed -n 's/^#define SAMESTORY_VERSION "\(.*\)"/\1/p' \
        "$SAMESTORY_ROOT/include/samestory.h"): input failed"
}

@test "the shared library has its SONAME" {
    run -0 objdump -p "$LIB/libsamestory.so"
    [[ $output == *"SONAME"*"libsamestory.so.0"* ]]
}

@test "the shared library shows the functions of the header and nothing else" {
    nm -D --defined-only "$LIB/libsamestory.so" | awk '{print $3}' | sort >"$BATS_TEST_TMPDIR/shown"
    run -1 grep -v '^samestory_' "$BATS_TEST_TMPDIR/shown"
    grep -o 'samestory_[a-z_]*(' "$SAMESTORY_ROOT/include/samestory.h" | tr -d '(' | sort -u \
        >"$BATS_TEST_TMPDIR/declared"
    diff "$BATS_TEST_TMPDIR/declared" "$BATS_TEST_TMPDIR/shown"
}

@test "DESTDIR is honoured" {
    DESTDIR=$BATS_TEST_TMPDIR/root cmake --install "$SAMESTORY_BUILD" --prefix /usr >&2
    [ -f "$BATS_TEST_TMPDIR/root/usr/include/samestory.h" ]
    [ -x "$BATS_TEST_TMPDIR/root/usr/bin/samestory" ]
}

@test "a program builds and runs with the shared library by pkg-config" {
    "$CC" "$SOURCES/consumer.c" $(pkg-config --cflags --libs samestory) -o "$BATS_TEST_TMPDIR/a"
    LD_LIBRARY_PATH=$LIB run -0 "$BATS_TEST_TMPDIR/a"
    [ "$output" = "$WANTED" ]
}

@test "a program builds and runs with the static library by pkg-config" {
    mkdir "$BATS_TEST_TMPDIR/lib"
    cp "$LIB/libsamestory.a" "$BATS_TEST_TMPDIR/lib" # out of sight of the shared one
    "$CC" "$SOURCES/consumer.c" $(pkg-config --cflags samestory) -L"$BATS_TEST_TMPDIR/lib" \
        $(pkg-config --static --libs samestory) -o "$BATS_TEST_TMPDIR/a"
    run -0 "$BATS_TEST_TMPDIR/a"
    [ "$output" = "$WANTED" ]
}

@test "programs build and run by find_package" {
    cmake -S "$SOURCES" -B "$BATS_TEST_TMPDIR/b" -DCMAKE_PREFIX_PATH="$PREFIX" \
        -DCMAKE_C_COMPILER="$CC" >&2
    cmake --build "$BATS_TEST_TMPDIR/b" >&2
    run -0 "$BATS_TEST_TMPDIR/b/with_shared"
    [ "$output" = "$WANTED" ]
    run -0 "$BATS_TEST_TMPDIR/b/with_static"
    [ "$output" = "$WANTED" ]
    run -0 "$BATS_TEST_TMPDIR/b/with_cpp"
}

@test "the installed command finds the installed model" {
    [ -f "$SAMESTORY_MODEL_PATH" ] || skip "no model"
    cd /
    run -0 "$PREFIX/bin/samestory" model
    [[ $output == *stamp* ]]
}
