# What every part of bench/run needs. Variables: root, here, build, out (results), work (a folder that
# is removed in the end), quick, peers (empty or 1), threads.

build=$root/build
model=$root/models/samestory.model
samestory=$build/samestory
programs=$build/bench
data=$root/tests/data
# Whatever there is in a language, some of it translated into others.
every_text="$data/reports.jsonl.zst $data/flores.jsonl.zst $data/debian-press.jsonl.zst
    $here/data/flores.jsonl.zst $here/data/sentences.jsonl.zst"
# 24 languages, about as much of each, no sentence the translation of another.
even_text=$here/data/sentences.jsonl.zst

set_up() {
    set_up_locked() {
        install "$needs_build" "$needs_bench"
        build "$build" "samestory bench" -DCMAKE_BUILD_TYPE=Release \
            $([ -f "$build/CMakeCache.txt" ] || echo -DSAMESTORY_TESTS=OFF)
    }
    locked "$build" set_up_locked
    [ -f "$model" ] || stop "there is no $model"
}

# pick QUICK FULL: the one that fits this run.
pick() {
    if [ -n "$quick" ]; then echo "$1"; else echo "$2"; fi
}

# corpus FILE OPTION... -- SOURCE...: a generated one.
corpus() {
    file=$1
    shift
    "$programs/bench-corpus" "$@" >"$file"
}

# timed COMMAND...: its cost, a JSON object on stdout.
timed() {
    "$programs/bench-timed" "$work/timed.json" "$@" >/dev/null || return 1
    cat "$work/timed.json"
}

# repeated N COMMAND...: runs it N times; COMMAND prints one JSON object each time. Prints that object
# with the median of every number, and "repetitions", and "spread": (largest - smallest) / median.
repeated() {
    times=$1
    shift
    : >"$work/repeated.jsonl"
    for turn in $(seq "$times"); do "$@" >>"$work/repeated.jsonl" || return 1; done
    jq -s -c -f "$here/parts/median.jq" "$work/repeated.jsonl"
}

# dedup_timed CORPUS FOLDER [OPTION]...: the cost of dedup, with rates.
dedup_timed() {
    corpus_file=$1
    result=$2
    shift 2
    rm -rf "$result"
    timed "$samestory" dedup --model "$model" -q -o "$result" "$@" "$corpus_file" >"$work/cost.json" ||
        return 1
    jq -c --argjson bytes "$(wc -c <"$corpus_file")" --slurpfile report "$result/report.json" '
        . as $cost | $report[0] as $r |
        {documents: $r.documents, bytes: $bytes, seconds, cpu_seconds, peak_rss_bytes,
         docs_per_s: ($r.documents / .seconds), docs_per_s_core: ($r.documents / .cpu_seconds),
         mb_per_s: ($bytes / .seconds / 1e6),
         compared: $r.engine.compared, candidates: $r.engine.candidates}' "$work/cost.json"
}

# knows COMMAND OPTION: does this samestory have it?
knows() {
    "$samestory" help "$1" 2>/dev/null | grep -q -e "$2"
}

# plan_of CORPUS [OPTION]...: what samestory foretells, or null.
plan_of() {
    if knows plan "samestory plan"; then
        "$samestory" plan --model "$model" "$@" 2>/dev/null || echo null
    else
        echo null
    fi
}

score() {
    "$programs/bench-score" "$1/documents.jsonl" "$1/stories.jsonl"
}

# What it is measured on. The flags are those that a file of the library was compiled with: the cache
# tells CMake's own, which the project replaces.
machine() {
    cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
    compiled() {
        jq -r '[.[] | select(.file | endswith("/src/match/kernel.c"))][0].command // ""' \
            "$build/compile_commands.json" | tr ' ' '\n' | grep -E '^-(O|m|f|std=|DNDEBUG)' | tr '\n' ' '
    }
    jq -n --arg cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" \
        --arg arch "$(uname -m)" \
        --argjson cores "$(nproc)" --argjson threads "$threads" \
        --argjson memory "$(awk '/^MemTotal/ {print $2 * 1024}' /proc/meminfo)" \
        --arg system "$(uname -srm)" \
        --arg compiler "$("$(cached CMAKE_C_COMPILER)" --version | head -n 1)" \
        --arg flags "$(compiled)" \
        --arg build_type "$(cached CMAKE_BUILD_TYPE)" \
        --arg version "$("$samestory" --version)" \
        --arg commit "$(git -C "$root" describe --always --dirty 2>/dev/null)" \
        --arg libraries "$(for l in openblas icu-uc libxxhash zlib libzstd simdjson; do
            printf '%s %s, ' "$l" "$(pkg-config --modversion $l 2>/dev/null)"; done)" \
        --arg load "$(cut -d' ' -f1-3 /proc/loadavg)" \
        --arg when "$(date -u +%Y-%m-%dT%H:%M:%SZ)" --arg quick "$quick" \
        '{cpu: $cpu, arch: $arch, cores: $cores, threads: $threads, memory_bytes: $memory,
          system: $system, compiler: $compiler, flags: $flags, build_type: $build_type,
          version: $version, libraries: ($libraries | rtrimstr(", ")), commit: $commit,
          load_before: $load, quick: ($quick == "1"), when: $when}'
}

# All parts that there are, in one file, as a table, and as plots.
combine() {
    cd "$out" || return 1
    for file in parts/*.json; do
        jq -c --arg part "$(basename "$file" .json)" '{($part): .}' "$file" || return 1
    done | jq -s 'reduce .[] as $part ({}; . * $part)
        | .peers = ((.["peers-copies"] // {}) + (.["peers-meaning"] // {}))
        | del(.["peers-copies"], .["peers-meaning"])
        | .growth_alone = .growth.alone | .growth_undated = .growth.undated | .growth = .growth.sizes
        | with_entries(select(.value != null))' >results.json.new &&
        mv results.json.new results.json &&
        jq -r -f "$here/parts/table.jq" results.json >results.md || return 1
    for plot in $(jq -r -f "$here/parts/plots.jq" --arg plot list results.json); do
        jq -r -f "$here/parts/plots.jq" --arg plot "$plot" results.json >"$plot.svg" || return 1
    done
}
