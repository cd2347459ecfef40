#!/bin/sh
# Makes models/samestory.model and models/judge.txt from the data: models/train.sh DATA [WORK]
#
#   DATA  folder with train/ (pairs of texts), freq/ (word frequencies) and eval/ (labelled sets)
#   WORK  folder for the corpus cache and the checkpoint, 2 GB; the same command again goes on where it
#         stopped
# Two cores: one to two hours, 4 GB of memory.
#
# The shipped table was trained before dropped.tsv was made, and its decay was laid out for 30 million
# samples and shortened to 26 after 19: AS_SHIPPED=1 does both again, for the same bytes on the same kind
# of CPU. Without it no line of dropped.tsv is read, and the decay is one.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
data=${1:?usage: models/train.sh DATA [WORK]}
work=${2:-$root/build/train}
train=$root/build/samestory-train
threads=2
mkdir -p "$work"
export OPENBLAS_NUM_THREADS=1

# What every command reads: the pairs, their weights, the lines that must not be read.
dropped="--dropped $root/models/dropped.tsv"
corpus="--data $data/train --sources $root/models/sources.tsv
    --cache $work/corpus.cache --checkpoint $work/table.checkpoint"
sets="$root/tests/data/lookalikes.jsonl.zst $root/tests/data/articles.jsonl.zst
    $data/eval/reports-dev.jsonl.zst $data/eval/itn-dev.jsonl.zst $data/eval/debian-press-dev.jsonl.zst
    $data/eval/flores-dev.jsonl.zst"

# No evaluation text may be learnt from: fails when the data hold one that dropped.tsv does not list.
# shellcheck disable=SC2086 # lists of words
"$train" contamination --data "$data/train" $dropped \
    --output "$work/dropped.tsv" --threads $threads $sets || {
    echo "models/train.sh: evaluation texts in the data: look at $work/dropped.tsv," \
        "and make it models/dropped.tsv" >&2
    exit 1
}
watch="--evaluate-minutes 10 --log $work/log.tsv"
if [ "${AS_SHIPPED-}" ]; then
    # shellcheck disable=SC2086
    "$train" table $corpus --samples 30000000 --stop 18987008 --seed 1 --threads $threads $watch $sets
else
    corpus="$corpus $dropped"
fi
# shellcheck disable=SC2086
"$train" table $corpus --samples 26000000 --seed 1 --threads $threads $watch $sets
"$train" curve --log "$work/log.tsv" --output "$root/models/curve.svg"
# shellcheck disable=SC2086
"$train" model $corpus --frequencies "$data/freq" --judge "$root/models/judge.txt" \
    --output "$work/unjudged.model" --threads $threads
if [ "${AS_SHIPPED-}" ]; then # its language identifier alone has not seen those lines
    # shellcheck disable=SC2086
    "$train" langid --data "$data/train" --sources "$root/models/sources.tsv" $dropped \
        --frequencies "$data/freq" --model "$work/unjudged.model" --output "$work/identified.model"
    mv "$work/identified.model" "$work/unjudged.model"
fi
# shellcheck disable=SC2086
"$train" judge --model "$work/unjudged.model" --output "$work/judge.txt" --threads $threads \
    --data "$data/train" --sources "$root/models/sources.tsv" $dropped \
    --events "$root/models/events.tsv" --reliability "$root/models/reliability.svg" $sets
"$train" pack --model "$work/unjudged.model" --judge "$work/judge.txt" \
    --output "$work/samestory.model"
# The figures of the card: of the shipped vectors, of those before they were made small, of the cells.
# shellcheck disable=SC2086
{
    "$train" evaluate --model "$work/samestory.model" --threads $threads $sets >"$work/int8.tsv"
    "$train" evaluate $corpus --threads $threads $sets >"$work/f32.tsv"
    "$train" probe --model "$work/samestory.model" $sets >"$work/cells.tsv"
}
mv "$work/judge.txt" "$root/models/judge.txt"
mv "$work/samestory.model" "$root/models/samestory.model"
