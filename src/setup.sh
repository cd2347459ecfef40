# Shared by src/samestory, tests/run and bench/run: finds what is missing, installs it, builds.
#
# Needs: root = the repository's folder. Everything here writes to stderr only, and reads no stdin
# (that may be the user's data). Calls end with exit 3 when the machine can't give what is needed.

# What the build needs and the Debian package that brings it: "command NAME PACKAGE" or, for what
# pkg-config knows, "library NAME PACKAGE", or, for a module of Python, "python NAME PACKAGE".
needs_build='
command cmake cmake
command ninja ninja-build
command pkg-config pkg-config
command gcc gcc
command g++ g++
library openblas libopenblas-dev
library icu-i18n libicu-dev
library libxxhash libxxhash-dev
library zlib zlib1g-dev
library libzstd libzstd-dev
library liblzma liblzma-dev
library libdeflate libdeflate-dev
library libbrotlidec libbrotli-dev
library lmdb liblmdb-dev
library simdjson libsimdjson-dev
library libxml-2.0 libxml2-dev
library expat libexpat1-dev
'
# What the tests need besides.
needs_tests='
library cmocka libcmocka-dev
command bats bats
command jq jq
command zstd zstd
command xz xz-utils
command git git
'
# bench/run puts its results together with jq.
needs_bench='
command jq jq
command zstd zstd
'
# bench/run --peers makes a virtual environment.
needs_peers='
command python3 python3
python venv python3-venv
python ensurepip python3-venv
'
needs_clang='
command clang clang
'

# tests/run --arm64 builds for another machine and emulates it.
needs_arm64='
command aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu
command aarch64-linux-gnu-g++ g++-aarch64-linux-gnu
command qemu-aarch64-static qemu-user-static
command dpkg-deb dpkg
'

say() {
    printf 'samestory: %s\n' "$*" >&2
}

stop() {
    say "$@"
    exit 3
}

# missing NEEDS...: the packages, on one line, that some need is not met without.
missing() {
    printf '%s\n' "$@" | while read -r kind name package; do
        case $kind in
        command) command -v "$name" >/dev/null 2>&1 || printf '%s ' "$package" ;;
        library) pkg-config --exists "$name" 2>/dev/null || printf '%s ' "$package" ;;
        python) python3 -c "import $name" 2>/dev/null || printf '%s ' "$package" ;;
        esac
    done
}

# packages_of KIND NEEDS...: the packages that bring all needs of a kind.
packages_of() {
    wanted=$1
    shift
    printf '%s\n' "$@" | while read -r kind name package; do
        [ "$kind" != "$wanted" ] || printf '%s ' "$package"
    done
}

# quietly WHAT COMMAND...: shows what the command printed only when it fails.
quietly() {
    what=$1
    shift
    log=$(mktemp "${TMPDIR:-/tmp}/samestory-setup.XXXXXX") || stop "no room for a log in ${TMPDIR:-/tmp}"
    if "$@" >"$log" 2>&1 </dev/null; then
        rm -f "$log"
        return 0
    fi
    cat "$log" >&2
    rm -f "$log"
    stop "$what failed, see above"
}

# install NEEDS...: makes every need available, through apt where there is one.
install() {
    packages=$(missing "$@")
    [ -n "$packages" ] || return 0
    as_root=
    [ "$(id -u)" = 0 ] || as_root=sudo
    if ! command -v apt-get >/dev/null 2>&1; then
        stop "please install first (names of Debian packages): $packages"
    elif [ -n "$as_root" ] && ! command -v sudo >/dev/null 2>&1; then
        stop "please install first, as root: apt-get install $packages"
    fi
    say "installing ${packages% }"
    quietly "apt-get update" $as_root apt-get -qq -o Acquire::Retries=3 update
    # shellcheck disable=SC2086
    quietly "apt-get install" $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
        -o Acquire::Retries=3 -o DPkg::Lock::Timeout=600 install --no-install-recommends $packages
    packages=$(missing "$@")
    [ -z "$packages" ] || stop "still missing after the installation: $packages"
}

# fresh FOLDER: true when nothing that the build reads has changed since FOLDER was built.
fresh() {
    [ -f "$1/.built" ] && [ -z "$(find "$root/src" "$root/include" "$root/CMakeLists.txt" \
        -newer "$1/.built" -print 2>/dev/null | head -n 1)" ]
}

# build FOLDER TARGETS [CMAKE OPTION]...: TARGETS is a list in one word, empty for all.
build() {
    folder=$1
    targets=$2
    shift 2
    # A tree that was moved or copied brings a cache that speaks of another place.
    if [ -f "$folder/CMakeCache.txt" ] &&
        ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
        rm -rf "$folder/CMakeCache.txt" "$folder/CMakeFiles"
    fi
    generator=
    [ -f "$folder/CMakeCache.txt" ] || generator=-GNinja
    # The time before the build counts: what changes during it must be noticed by the next call.
    : >"$folder/.begun" || stop "can't write to $folder"
    say "building in $folder"
    quietly "configuring" cmake -S "$root" -B "$folder" $generator "$@"
    # shellcheck disable=SC2086
    quietly "building" cmake --build "$folder" -j "$(nproc 2>/dev/null || echo 2)" \
        ${targets:+--target} $targets
    mv -f "$folder/.begun" "$folder/.built"
}

# locked FOLDER COMMAND...: one at a time; COMMAND runs in a shell of its own.
locked() {
    folder=$1
    shift
    mkdir -p "$folder" || stop "can't make the folder $folder"
    (
        if command -v flock >/dev/null 2>&1; then flock 9; fi
        "$@"
    ) 9>"$folder/.lock" || exit $?
}
