# Part kernel: the variants of the kernel, in pairs of documents a second and as a share of what the
# core can do; OpenBLAS as it is found on this machine, and with the core type that the command asks
# it for; with --peers, what does the same job elsewhere.

measure_kernel() {
    say "kernel"
    dimension=$("$samestory" model --model "$model" | sed -n 's/^dimension[[:space:]]*//p')
    dimension=${dimension:-256}
    core=$("$samestory" --version | sed -n 's/.*OpenBLAS[^A-Za-z]*\([A-Za-z0-9]*\).*/\1/p' | head -n 1)
    seconds=$(pick 0.3 2)
    turns=$(pick 2 5)
    repeated "$turns" env OPENBLAS_CORETYPE="${OPENBLAS_CORETYPE-$core}" \
        "$programs/bench-kernel" "$dimension" "$seconds" >"$work/repaired.json" || return 1
    repeated "$(pick 1 2)" env -u OPENBLAS_CORETYPE \
        "$programs/bench-kernel" "$dimension" "$(pick 0.1 1)" >"$work/found.json" || return 1
    echo '{}' >"$work/others.json"
    [ -z "$peers" ] || measure_kernel_peers "$dimension" >"$work/others.json" || return 1
    jq -s '
        .[0] as $r | .[1] as $found | .[2] as $peers |
        ($r.gpairs // ($r.variants | map_values(. / 2 / $r.dimension))) as $gpairs |
        $r + {
            gpairs_per_s: $gpairs,
            openblas_as_found: ($found | {core: .openblas_core, gflops: .openblas_gflops,
                peak_ratio: .openblas_peak_ratio, path_gflops: .variants.openblas}),
            int8_peak_ratio: ($r.int8_peak_ratio // $r.best_peak_ratio),
            int8_vs_openblas: ($r.int8_vs_openblas //
                ($r.variants | if .openblas then ([to_entries[] |
                    select(.key | test("openblas|^c$|^plain$") | not) | .value] | max) / .openblas
                    else null end)),
            peers: $peers}' \
        "$work/repaired.json" "$work/found.json" "$work/others.json" >"$out/parts/kernel.json"
}
