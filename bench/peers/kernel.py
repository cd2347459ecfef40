#!/usr/bin/env python3
"""kernel.py faiss|numkong DIMENSION QUERIES

All pairs of QUERIES x 100,000 unit vectors (numkong: 20,000), one thread, computing time; pairs with
a cosine of .7 and more are listed by faiss; numkong gives the matrix of scores, without a threshold.
Prints {NAME: {"gpairs_per_s":..}}, one object; three repetitions, the median.
"""
import json
import os
import statistics
import sys
import time
from importlib.metadata import version

import numpy as np

THRESHOLD = 0.7


def unit(x):
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def vectors(count, dimension):
    """Stories of four: a cosine of about .77 within, .2 within a topic."""
    random = np.random.default_rng(1)
    normal = lambda n: unit(random.standard_normal((n, dimension)))
    topics, stories = normal(300), count // 4
    centre = unit(0.5 * topics[random.integers(0, 300, stories)] + 0.87 * normal(stories))
    return np.ascontiguousarray(unit(centre[random.integers(0, stories, count)] + 0.55 * normal(count)))


def rate(pairs, work):
    seconds = []
    for _ in range(3):
        begin = time.process_time()
        work()
        seconds.append(time.process_time() - begin)
    return {"gpairs_per_s": round(pairs / statistics.median(seconds) / 1e9, 5),
            "spread": round((max(seconds) - min(seconds)) / statistics.median(seconds), 4)}


def measure_faiss(dimension, queries):
    import faiss
    faiss.omp_set_num_threads(1)
    x = vectors(100000, dimension)
    index = faiss.IndexFlatIP(dimension)
    index.add(x)
    result = rate(queries * len(x), lambda: index.range_search(x[:queries], THRESHOLD))
    return {"faiss": {**result, "version": version("faiss-cpu"), "what": "IndexFlatIP.range_search, f32",
                      "openblas_coretype": os.environ.get("OPENBLAS_CORETYPE", "")}}


def measure_numkong(dimension, queries):
    import numkong
    x, queries, results = vectors(20000, dimension), min(queries, 2000), {}
    for name, kind, factor in (("f32", None, 1), ("bf16", "bfloat16", 1), ("int8", "int8", 127)):
        a, b = (numkong.from_dlpack(v * np.float32(factor)) for v in (x[:queries].copy(), x))
        if kind:
            a, b = a.astype(kind), b.astype(kind)
        packed = numkong.dots_pack(b, kind or "f32")
        result = rate(queries * len(x), lambda: numkong.dots_packed(a, packed))
        results["numkong_" + name] = {**result, "version": version("numkong"),
                                      "what": "dots_packed, all scores, no threshold"}
    return results


tool, dimension, queries = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
print(json.dumps({"faiss": measure_faiss, "numkong": measure_numkong}[tool](dimension, queries)))
