# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks beside Python's libraries share: MNIST, a process for each contestant, medians, tables, JSON."""
import argparse
import gzip
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import time

import numpy as np


def idx(folder, name, header):
    path = os.path.join(folder, name)
    opener = open if os.path.exists(path) else gzip.open
    with opener(path if os.path.exists(path) else path + ".gz", "rb") as stream:
        return np.frombuffer(stream.read(), np.uint8)[header:]


def mnist(folder):
    """Images as float32 in 0...1 and digits: for training, for testing."""
    def images(name):
        return idx(folder, name, 16).reshape(-1, 784).astype(np.float32) / np.float32(255)
    return (images("train-images-idx3-ubyte"), idx(folder, "train-labels-idx1-ubyte", 8),
            images("t10k-images-idx3-ubyte"), idx(folder, "t10k-labels-idx1-ubyte", 8))


def limit(_folder, _threads, _repetitions):
    """The machine's practical limits: its fastest float32 matrix product, and reading memory."""
    size = 2048
    a, b = np.ones((size, size), np.float32), np.ones((size, size), np.float32)
    flops = bandwidth = 0.0
    block = np.ones(1 << 26, np.float32)
    for _ in range(6):
        start = time.perf_counter()
        a @ b
        flops = max(flops, 2.0 * size ** 3 / (time.perf_counter() - start))
        start = time.perf_counter()
        block.sum()
        bandwidth = max(bandwidth, block.nbytes / (time.perf_counter() - start))
    print(json.dumps({"name": "limit", "flops": flops, "bytes": bandwidth}))


def child(command, threads):
    environment = {key: value for key, value in os.environ.items() if key != "OPENBLAS_CORETYPE"}
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"):
        environment[name] = str(threads)
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        print(f"bench: {shlex.join(command)} failed with status {done.returncode}; its row is left out", file=sys.stderr)
        return []
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def median(runs):
    """The medians of what is measured, and the first run's accuracy by itself."""
    row = dict(runs[0])
    for key, value in row.items():
        if isinstance(value, float):
            row[key] = statistics.median(run[key] for run in runs)
    row["first_accuracy"] = runs[0].get("accuracy")
    return row


def write_report(path, report):
    with open(path, "w") as stream:
        json.dump(report, stream, indent=1)
        stream.write("\n")
    print(f"written to {path}")


def compete(task, title, runs, script, head, describe):
    """Runs ours and each peer for each number of threads; `describe` fills a row in and gives its line."""
    parser = argparse.ArgumentParser()
    for name in ("ours", "data", "threads", "json", "peers", "child"):
        parser.add_argument("--" + name, default="")
    parser.add_argument("--repetitions", type=int, default=3)
    options = parser.parse_args()
    if options.child:
        return dict(runs, limit=limit)[options.child](options.data, int(options.threads), options.repetitions)
    report = {"task": title, "machine": platform.processor() or platform.machine(), "rows": []}
    print(head)
    for threads in options.threads.split():
        def own(name):
            return child([sys.executable, script, "--child", name, "--data", options.data, "--threads", threads,
                          "--repetitions", str(options.repetitions)], threads)
        limits = own("limit")[0]
        groups = [child(shlex.split(options.ours) + [task, options.data, threads, str(options.repetitions)], threads)]
        groups += [own(name) for name in options.peers.split()]
        rows = [median(group) for group in groups if group]
        ours = next((row for row in rows if row["name"] == "sagebrush"), None)
        for row in rows:
            row["threads"] = int(threads)
            print(describe(row, ours, limits), flush=True)
        report["rows"] += rows
        report[f"limits_{threads}"] = limits
    write_report(options.json, report)
