# Shared by the tests of the command: $SAMESTORY is its path; the model is named where it is known.

bats_require_minimum_version 1.5.0

SAMESTORY=${SAMESTORY:-$BATS_TEST_DIRNAME/../../build/samestory}
MODEL=${SAMESTORY_MODEL_PATH:-$BATS_TEST_DIRNAME/../../models/samestory.model}
DATA=${SAMESTORY_TEST_DATA:-$BATS_TEST_DIRNAME/../data}

# samestory SUBCOMMAND ...: the command, with the model of this tree.
samestory() {
    local subcommand=$1
    shift
    "$SAMESTORY" "$subcommand" --model "$MODEL" "$@"
}

# Prints documents FIRST to LAST as JSONL: a month apart, so that no two tell one story.
documents() {
    local i
    for ((i = $1; i <= $2; i++)); do
        printf '{"id":"d%d","date":%d,"title":"Title %d","text":"The council of town %d met on item %d."}\n' \
            "$i" $((1200000000 + i * 2592000 - 1000000000)) "$i" $((i * 7919)) $((i * 104729))
    done
}

# Takes the member "samestory" out again where it stands last: the bytes must be the input's.
without_annotation() {
    sed -E 's/,?"samestory":\{"story":"([^"\\]|\\.)*","relation":"(new|copy|revision|story)","of":(null|"([^"\\]|\\.)*"),"p":[0-9.]+,"because":\[[^]]*\]\}\}/}/'
}

stories() { jq -r '.samestory.story'; }
relations() { jq -r '.samestory.relation'; }
