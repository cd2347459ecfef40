#!/bin/sh
# Makes models/samestory.model and models/judge.txt from the data: models/train.sh DATA [WORK]
#
#   DATA  folder with train/ (pairs of texts), freq/ (word frequencies) and eval/ (labelled sets)
#   WORK  folder for the checkpoint, 200 MB; the same command again goes on where it stopped
# Two cores: one to two hours, 3 GB of memory.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
data=${1:?usage: models/train.sh DATA [WORK]}
work=${2:-$root/build/train}
train=$root/build/samestory-train
mkdir -p "$work"
export OPENBLAS_NUM_THREADS=1

"$train" table --data "$data/train" --sources "$root/models/sources.tsv" \
    --checkpoint "$work/table.checkpoint" --samples 20000000 --seed 1 --threads 2
"$train" model --data "$data/train" --sources "$root/models/sources.tsv" \
    --frequencies "$data/freq" --checkpoint "$work/table.checkpoint" \
    --judge "$root/models/judge.txt" --output "$work/unjudged.model"
"$train" judge --model "$work/unjudged.model" --output "$work/judge.txt" --threads 2 \
    "$data/eval/reports-dev.jsonl.zst" "$data/eval/itn-dev.jsonl.zst" \
    "$data/eval/debian-press-dev.jsonl.zst" "$data/eval/flores-dev.jsonl.zst"
"$train" pack --model "$work/unjudged.model" --judge "$work/judge.txt" \
    --output "$work/samestory.model"
mv "$work/judge.txt" "$root/models/judge.txt"
mv "$work/samestory.model" "$root/models/samestory.model"
