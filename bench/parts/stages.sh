# Part stages: what each stage of a document's way costs, language by language, on one thread, in
# computing time. docs_per_s_core is the whole way from a text to its sketch.

measure_stages() {
    documents=$(pick 4000 20000)
    turns=$(pick 2 3)
    for language in en de vi zh ar; do
        say "stages: $language"
        # shellcheck disable=SC2086
        corpus "$work/$language.jsonl" --documents "$documents" --languages "$language" \
            --words 250-250 --copies 0 --halves 0 $every_text || return 1
        repeated "$turns" "$programs/bench-stages" "$model" "$work/$language.jsonl" "$documents" \
            >"$work/stages.json" || return 1
        jq -c --arg language "$language" --argjson documents "$documents" \
            --argjson bytes "$(wc -c <"$work/$language.jsonl")" '
            {($language): {docs_per_s_core: .sketch.docs_per_s, mb_per_s: .sketch.mb_per_s,
                documents: $documents, bytes_per_doc: ($bytes / $documents), repetitions, spread:
                .spread.sketch.docs_per_s, parts: del(.repetitions, .spread)}}' "$work/stages.json"
        rm -f "$work/$language.jsonl"
    done >"$work/stages.jsonl" || return 1
    jq -s add "$work/stages.jsonl" >"$out/parts/stages.json"
}
