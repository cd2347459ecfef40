# Stories of edges, and how sure a link must be.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    cp "$DATA/news.jsonl" in
}

@test "stories of the edges are those that dedup made, in whatever order the edges come" {
    samestory dedup -q -o out in
    samestory stories out/edges.jsonl >stories
    tac out/edges.jsonl | samestory stories - | cmp stories -
    jq -c '.documents | sort' stories | sort >made
    jq -c 'select(.size > 1) | .documents | sort' out/stories.jsonl | sort >known
    jq -c 'select(length > 1)' made | cmp known -
}

@test "a stream's edges make the stories of its run at its own threshold, which is higher" {
    zstd -dcq "$DATA/unseen.jsonl.zst" >reports
    samestory dedup -q --as-stream -o out reports
    samestory stories --as-stream out/edges.jsonl | jq -c 'select(.size > 1) | .documents | sort' | sort >made
    jq -c 'select(.size > 1) | .documents | sort' out/stories.jsonl | sort | cmp made -
    samestory stories out/edges.jsonl | jq -c 'select(.size > 1) | .documents | sort' | sort >merged
    run -1 cmp -s made merged
}

@test "stories --threshold: surer links, smaller stories" {
    printf '%s\n' '{"a":"x","b":"y","relation":"story","p":0.9}' \
        '{"a":"z","b":"y","relation":"story","p":0.7}' >edges
    [ "$(samestory stories --threshold .6 edges)" = '{"story":"x","size":3,"documents":["x","y","z"]}' ]
    [ "$(samestory stories --threshold .8 edges | wc -l)" = 2 ]
    [ "$(samestory stories --threshold 1 edges | wc -l)" = 3 ]
}

@test "stories names the line that is no edge" {
    printf '%s\n' '{"a":"x","b":"y","p":0.9}' '{"a":"z","b":"y","p":"many"}' >edges
    run -3 --separate-stderr samestory stories --threshold .5 edges
    [[ $stderr == "samestory: edges:2: no edge"* ]]
    run -2 samestory stories
}

@test "--preset strict links no more, loose no less" {
    count() { samestory pairs -q --all --preset "$1" in | awk -F'\t' '$3 != "none"' | wc -l; }
    [ "$(count strict)" -le "$(count standard)" ]
    [ "$(count loose)" -ge "$(count standard)" ]
    [ "$(count standard)" = "$(samestory pairs -q --all in | awk -F'\t' '$3 != "none"' | wc -l)" ]
    run -2 --separate-stderr samestory pairs -q --all --preset brave in
    [[ $stderr == *"standard, strict or loose"* ]]
}
