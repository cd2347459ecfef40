#!/usr/bin/env python3
"""copies.py TOOL CORPUS.jsonl [UF.pkl TIMED.json]

Finds near-copies in the corpus as the tool's own page tells, 128 hashes, threshold .7, and compares
them with what was planted. Prints {TOOL: {...}}: rates from computing time, after the imports. The
last two arguments are of text-dedup, which is a command: its clusters and its cost.

A planted copy is found when the tool pairs it with its original or with another copy of that. A
document counts as called a copy when it is paired with any earlier one; the call is right when one
of those is its original or another copy of it.
"""
import json
import pickle
import re
import resource
import sys
import time
from collections import defaultdict
from importlib.metadata import version

HASHES, THRESHOLD = 128, 0.7
WORD = re.compile(r"\w+")


def word5(text):
    words = WORD.findall(text.lower())
    return list({" ".join(words[i:i + 5]) for i in range(max(1, len(words) - 4))})


def bag(text):
    return text.lower().split()


def datasketch(texts, bulk=False):
    from datasketch import MinHash, MinHashLSH
    index = MinHashLSH(threshold=THRESHOLD, num_perm=HASHES)
    signed = []
    for start in range(0, len(texts), 1000):
        shingles = [[s.encode() for s in word5(t)] for t in texts[start:start + 1000]]
        if bulk:
            signed.extend(MinHash.bulk(shingles, num_perm=HASHES))
            continue
        for one in shingles:
            m = MinHash(num_perm=HASHES)
            for s in one:
                m.update(s)
            signed.append(m)
    for i, m in enumerate(signed):
        index.insert(i, m)
    near = ((i, j) for i, m in enumerate(signed) for j in index.query(m) if j < i)
    return [(j, i) for i, j in near if signed[i].jaccard(signed[j]) >= THRESHOLD]


def rensa(texts, shingle):
    import rensa
    signed = rensa.RMinHash.from_token_sets([shingle(t) for t in texts], HASHES, 42)
    index = rensa.RMinHashLSH(THRESHOLD, HASHES, 16)
    index.insert_many(signed)
    near = ((i, j) for i, row in enumerate(index.query_all(signed)) for j in row if j < i)
    return [(j, i) for i, j in near if signed[i].jaccard(signed[j]) >= THRESHOLD]


def gaoya(texts):
    from gaoya.minhash import MinHashStringIndex
    index = MinHashStringIndex(hash_size=32, jaccard_threshold=THRESHOLD, num_bands=16, band_size=8,
                               num_hashes=HASHES, lowercase=True, analyzer="word", ngram_range=(5, 5))
    index.par_bulk_insert_docs(list(range(len(texts))), texts)
    return [(j, i) for i, row in enumerate(index.par_bulk_query(texts)) for j in row if j < i]


def text_dedup(path):
    with open(path, "rb") as file:
        union = pickle.load(file)
    clusters = defaultdict(list)
    for x in list(union.parent):
        clusters[union.find(x)].append(x)
    return [(min(a, b), max(a, b)) for c in clusters.values() for i, a in enumerate(c) for b in c[:i]]


# name: (package, setting, pairs of texts)
TOOLS = {
    "datasketch": ("datasketch", "word-5, update in a loop", datasketch),
    "datasketch_bulk": ("datasketch", "word-5, MinHash.bulk", lambda t: datasketch(t, bulk=True)),
    "rensa": ("rensa", "RMinHash, word-5", lambda t: rensa(t, word5)),
    "rensa_bag": ("rensa", "RMinHash, bag of words", lambda t: rensa(t, bag)),
    "gaoya": ("gaoya", "word-5", gaoya),
    "text_dedup": ("text-dedup", "word-5, the whole command", None),
}


def score(records, pairs):
    place = {r["id"]: i for i, r in enumerate(records)}
    same = [place.get(r.get("copy_of"), i) for i, r in enumerate(records)]
    earlier = defaultdict(list)
    for a, b in pairs:
        earlier[b].append(a)
    right = {b for b, found in earlier.items() if any(same[a] == same[b] for a in found)}
    recall = {}
    for kind in ("words", "paragraph", "byline"):
        planted = [i for i, r in enumerate(records) if r.get("copy_of") and r["kind"] == kind]
        recall[kind] = round(sum(i in right for i in planted) / max(1, len(planted)), 5)
    return {"copy_precision": round(len(right) / max(1, len(earlier)), 5), "copy_recall": recall}


def main():
    name, corpus = sys.argv[1:3]
    package, setting, find = TOOLS[name]
    if find and package != "text-dedup":
        __import__(package)
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu, wall = -used.ru_utime - used.ru_stime, -time.perf_counter()
    with open(corpus, encoding="utf8") as file:
        records = [json.loads(line) for line in file]
    if find:
        pairs = find([r["text"] for r in records])
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu, wall, rss = cpu + used.ru_utime + used.ru_stime, wall + time.perf_counter(), used.ru_maxrss * 1024
    else:
        pairs = text_dedup(sys.argv[3])
        with open(sys.argv[4], encoding="utf8") as file:
            cost = json.load(file)
        cpu, wall, rss = cost["cpu_seconds"], cost["seconds"], cost["peak_rss_bytes"]
    result = {"version": version(package), "setting": setting, "documents": len(records),
              "docs_per_s_core": round(len(records) / cpu, 1), "docs_per_s": round(len(records) / wall, 1),
              "seconds": round(wall, 3), "cpu_seconds": round(cpu, 3), "peak_rss_bytes": rss,
              **score(records, pairs)}
    print(json.dumps({name: result}), flush=True)


main()
