# SPDX-License-Identifier: Apache-2.0
"""K-means to convergence beside scikit-learn, its Intel extension and faiss. Run by scripts/bench.

Everybody gets the rows as float32 in memory (whole numbers 0...255, or genotypes 0, 1, 2) and goes on until no row moves; faiss, which
cannot tell, makes as many steps as scikit-learn needed. A second row of ours starts from bytes. The limit that shares refer to is one
pass a step over the rows as bytes at the speed of this machine's memory; a method that leaves most rows alone may beat it. Processor
seconds tell more than wall time where the machine has other things to do.
"""
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


def mnist(folder):
    path = os.path.join(folder, "train-images-idx3-ubyte")
    opener = open if os.path.exists(path) else gzip.open
    with opener(path if os.path.exists(path) else path + ".gz", "rb") as stream:
        return np.frombuffer(stream.read(), np.uint8)[16:].reshape(-1, 784)


def genotypes(path):
    """People x variants, 0, 1 or 2 copies; every genotype of the file is three characters and a tab."""
    columns = []
    with gzip.open(path) as stream:
        for line in stream:
            if line.startswith(b"#CHROM"):
                people = line.count(b"\t") - 8
            elif not line.startswith(b"#"):
                alleles = np.frombuffer(line.rstrip(b"\n")[-(4 * people - 1):], np.uint8)
                columns.append(alleles[0::4] + alleles[2::4] - 2 * ord("0"))
    return np.ascontiguousarray(np.stack(columns).T)


def prepare(scratch, name, rows, count, is_given):
    folder = os.path.join(scratch, name)
    os.makedirs(folder, exist_ok=True)
    rows.tofile(os.path.join(folder, "rows.u8"))
    with open(os.path.join(folder, "shape"), "w") as stream:
        stream.write(f"{rows.shape[1]} {count}\n")
    start = os.path.join(folder, "start.f32")
    if is_given:
        rows[np.random.default_rng(0).choice(len(rows), count, replace=False)].astype(np.float32).tofile(start)
    elif os.path.exists(start):
        os.remove(start)
    return folder


def load(folder):
    width, count = (int(word) for word in open(os.path.join(folder, "shape")).read().split())
    rows = np.fromfile(os.path.join(folder, "rows.u8"), np.uint8).reshape(-1, width).astype(np.float32)
    start = os.path.join(folder, "start.f32")
    return rows, count, np.fromfile(start, np.float32).reshape(count, width) if os.path.exists(start) else None


class Clock:
    """Wall and processor time of a block."""
    def __enter__(self):
        self.begin, self.begin_processor = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_):
        self.seconds, self.processor = time.perf_counter() - self.begin, time.process_time() - self.begin_processor


def report(name, clock, inertia, iterations):
    print(json.dumps({"name": name, "seconds": clock.seconds, "processor_seconds": clock.processor, "inertia": float(inertia),
                      "iterations": int(iterations)}), flush=True)


def run_sklearn(folder, repetitions, module="sklearn.cluster", label="scikit-learn", algorithms=("elkan", "lloyd")):
    import importlib
    kmeans = importlib.import_module(module).KMeans
    rows, count, start = load(folder)
    for algorithm in algorithms:
        for repetition in range(repetitions):
            model = kmeans(count, init="k-means++" if start is None else start, n_init=1, algorithm=algorithm, tol=0, max_iter=300,
                           random_state=repetition)
            with Clock() as clock:
                model.fit(rows)
            report(f"{label} {algorithm}", clock, model.inertia_, model.n_iter_)


def run_intelex(folder, repetitions):
    run_sklearn(folder, repetitions, "sklearnex.cluster", "Intel extension", ("lloyd",))


def run_faiss(folder, repetitions):
    import faiss
    from sklearn.cluster import KMeans
    rows, count, start = load(folder)
    if start is None:
        return  # faiss has no k-means++
    steps = KMeans(count, init=start, n_init=1, tol=0).fit(rows).n_iter_
    for _ in range(repetitions):
        model = faiss.Kmeans(rows.shape[1], count, niter=int(steps), max_points_per_centroid=len(rows), seed=1)
        with Clock() as clock:
            model.train(rows, init_centroids=start)
        report("faiss", clock, model.index.search(rows, 1)[0].astype(np.float64).sum(), steps)


def run_limit(_folder, _repetitions):
    """Bytes a second that sums over memory read; each thread runs this by itself."""
    data = np.ones(1 << 25, np.int64)
    best = 0.0
    for _ in range(5):
        begin = time.perf_counter()
        data.sum()
        best = max(best, data.nbytes / (time.perf_counter() - begin))
    print(json.dumps({"name": "limit", "bandwidth": best}))


def start_child(command, threads):
    environment = {key: value for key, value in os.environ.items() if key != "OPENBLAS_CORETYPE"}
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        environment[name] = str(threads)
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def rows_of(process, command):
    output, _ = process.communicate()
    if process.returncode != 0:
        print(f"bench: {shlex.join(command)} failed with status {process.returncode}; its rows are left out", file=sys.stderr)
        return []
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def medians(runs):
    groups = {}
    for run in runs:
        groups.setdefault(run["name"], []).append(run)
    rows = []
    for group in groups.values():
        row = dict(group[0])
        for key, value in row.items():
            if isinstance(value, (int, float)):
                row[key] = statistics.median(run[key] for run in group)
        row["least_seconds"] = min(run["seconds"] for run in group)
        row["least_processor_seconds"] = min(run["processor_seconds"] for run in group)
        rows.append(row)
    return rows


def main():
    parser = argparse.ArgumentParser()
    for name in ("ours", "data", "genotypes", "scratch", "threads", "json", "peers", "child"):
        parser.add_argument("--" + name, default="")
    parser.add_argument("--repetitions", type=int, default=3)
    options = parser.parse_args()
    if options.child:
        runs = {"scikit-learn": run_sklearn, "intelex": run_intelex, "faiss": run_faiss, "limit": run_limit}
        return runs[options.child](options.data, options.repetitions)
    images = mnist(options.data)
    tasks = [("MNIST, k = 10, same centres", prepare(options.scratch, "mnist", images, 10, True), images.shape)]
    if os.path.exists(options.genotypes):
        people = genotypes(options.genotypes)
        tasks.append(("genotypes, k = 5, same centres", prepare(options.scratch, "genotypes-5", people, 5, True), people.shape))
        tasks.append(("genotypes, k = 26, k-means++", prepare(options.scratch, "genotypes-26", people, 26, False), people.shape))
    else:
        print(f"bench: there is no {options.genotypes}; genotypes are left out", file=sys.stderr)
    result = {"task": "k-means to convergence", "machine": platform.processor() or platform.machine(), "rows": []}
    for threads in options.threads.split():
        def own(name, folder):
            return [sys.executable, __file__, "--child", name, "--data", folder, "--repetitions", str(options.repetitions)]
        limits = [start_child(own("limit", "-"), 1) for _ in range(int(threads))]
        bandwidth = sum(rows_of(process, ["limit"])[0]["bandwidth"] for process in limits)
        result[f"limit_gigabytes_per_second_{threads}"] = bandwidth / 1e9
        for title, folder, shape in tasks:
            print(f"\n{title}: {shape[0]} x {shape[1]}, {threads} thread{'s' if threads != '1' else ''}")
            print(f"  {'who':<28} {'seconds':>8} {'least':>8} {'proc.':>8} {'ratio':>6} {'by proc.':>8} {'inertia':>16} {'steps':>6}  share of the limit")
            commands = [shlex.split(options.ours) + ["kmeans", folder, threads, str(options.repetitions)]]
            commands += [own(name, folder) for name in options.peers.split()]
            rows = medians([row for command in commands for row in rows_of(start_child(command, threads), command)])
            ours = next((row for row in rows if row["name"].startswith("sagebrush")), None)
            for row in rows:
                row.update(task=title, threads=int(threads), ratio=row["seconds"] / ours["seconds"] if ours else None,
                           processor_ratio=row["processor_seconds"] / ours["processor_seconds"] if ours else None)
                row["limit_share"] = shape[0] * shape[1] * row["iterations"] / bandwidth / row["seconds"]
                ratios = f"{row['ratio']:6.2f} {row['processor_ratio']:8.2f}" if ours else f"{'-':>6} {'-':>8}"
                print(f"  {row['name']:<28} {row['seconds']:8.3f} {row['least_seconds']:8.3f} {row['processor_seconds']:8.3f} {ratios} "
                      f"{row['inertia']:16.7g} {row['iterations']:6.0f}  {row['limit_share']:.0%}", flush=True)
            result["rows"] += rows
    os.makedirs(os.path.dirname(os.path.abspath(options.json)), exist_ok=True)
    with open(options.json, "w") as stream:
        json.dump(result, stream, indent=1)
        stream.write("\n")
    print(f"\nwritten to {options.json}")


if __name__ == "__main__":
    main()
