# SPDX-License-Identifier: Apache-2.0
"""Reading and writing examples: Sagebrush beside pandas, polars and the SageMaker Python SDK. Run by scripts/bench.

Each file is in the page cache; the clock runs until its rows are one float32 matrix in memory, or the records are in a file. Sums over
all values show that all read the same. CSV has no limit of its own but reading memory once.
"""
import argparse
import json
import os
import platform
import statistics
import shlex
import sys
import time

import numpy as np

import peers


def prepare(data, scratch):
    """integers.csv, decimals.csv (a third of the rows) and records.pbr, made once."""
    marker = os.path.join(scratch, "complete")
    if os.path.exists(marker):
        return
    os.makedirs(scratch, exist_ok=True)
    pixels = peers.idx(data, "train-images-idx3-ubyte", 16).reshape(-1, 784)
    labels = peers.idx(data, "train-labels-idx1-ubyte", 8)
    with open(os.path.join(scratch, "integers.csv"), "w") as stream:
        for label, row in zip(labels.tolist(), pixels.tolist()):
            stream.write(f"{label},{','.join(map(str, row))}\n")
    texts = [f"{value / 255:.6f}" for value in range(256)]
    with open(os.path.join(scratch, "decimals.csv"), "w") as stream:
        for label, row in zip(labels[:20000].tolist(), pixels[:20000].tolist()):
            stream.write(f"{label},{','.join(texts[value] for value in row)}\n")
    np.savez(os.path.join(scratch, "rows.npz"), labels=labels.astype(np.float32), rows=pixels.astype(np.float32) / np.float32(255))
    with open(os.path.join(scratch, "records.pbr"), "wb") as stream:
        for label, row in zip(labels, pixels.astype(np.float32) / np.float32(255)):
            stream.write(record(row, np.float32(label)))
    open(marker, "w").close()


def variable_integer(number):
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)


def field(number, body):
    return bytes([number << 3 | 2]) + variable_integer(len(body)) + body


def record(row, label):
    """A record of RecordIO-protobuf: features and label, each a float32 tensor under the key `values`."""
    def entry(place, values):
        return field(place, field(1, b"values") + field(2, field(2, field(1, np.asarray(values, "<f4").tobytes()))))
    payload = entry(1, row) + entry(2, [label])
    return b"\x0a\x23\xd7\xce" + len(payload).to_bytes(4, "little") + payload + bytes(-len(payload) % 4)


def measure(name, task, path, repetitions, body, total):
    for _ in range(repetitions):
        begin = time.perf_counter()
        rows, count = body(path)
        seconds = time.perf_counter() - begin
        print(json.dumps({"name": name, "task": task, "seconds": seconds, "bytes": os.path.getsize(path), "records": count,
                          "sum": total(rows)}), flush=True)


def sum_behind_label(matrix):
    return float(matrix[:, 1:].sum(dtype=np.float64))


def run_pandas(folder, _threads, repetitions):
    import pandas

    def read(path):
        matrix = pandas.read_csv(path, header=None, dtype=np.float32).to_numpy()
        return matrix, len(matrix)
    for name in ("integers.csv", "decimals.csv"):
        measure("pandas", "read " + name, os.path.join(folder, name), repetitions, read, sum_behind_label)


def run_polars(folder, _threads, repetitions):
    import polars

    def read(path):
        matrix = polars.read_csv(path, has_header=False, schema={f"c{index}": polars.Float32 for index in range(785)}).to_numpy()
        return matrix, len(matrix)
    for name in ("integers.csv", "decimals.csv"):
        measure("polars", "read " + name, os.path.join(folder, name), repetitions, read, sum_behind_label)


def run_sagemaker(folder, _threads, repetitions):
    from sagemaker.amazon.common import RecordDeserializer, write_numpy_to_dense_tensor

    def read(path):
        with open(path, "rb") as stream:
            records = RecordDeserializer().deserialize(stream, "application/x-recordio-protobuf")
        rows = np.array([found.features["values"].float32_tensor.values for found in records], np.float32)
        return rows, len(rows)
    measure("SageMaker SDK", "read records.pbr", os.path.join(folder, "records.pbr"), repetitions, read,
            lambda rows: float(rows.sum(dtype=np.float64)))
    stored = np.load(os.path.join(folder, "rows.npz"))
    rows, labels = stored["rows"], stored["labels"]
    path = os.path.join(folder, "peer.pbr")
    for _ in range(repetitions):
        begin = time.perf_counter()
        with open(path, "wb") as stream:
            write_numpy_to_dense_tensor(stream, rows, labels)
        seconds = time.perf_counter() - begin
        print(json.dumps({"name": "SageMaker SDK", "task": "write records.pbr", "seconds": seconds, "bytes": os.path.getsize(path),
                          "records": len(rows), "sum": float(rows.sum(dtype=np.float64))}), flush=True)


RUNS = {"pandas": run_pandas, "polars": run_polars, "sagemaker": run_sagemaker, "limit": peers.limit}


def table(rows, threads, bandwidth):
    tasks = list(dict.fromkeys(row["task"] for row in rows))
    for task in tasks:
        found = [row for row in rows if row["task"] == task]
        ours = next((row for row in found if row["name"] == "sagebrush"), None)
        for row in found:
            row["threads"] = int(threads)
            row["ratio"] = row["seconds"] / ours["seconds"] if ours else None
            row["megabytes_per_second"] = row["bytes"] / row["seconds"] / 1e6
            row["limit_share"] = row["bytes"] / row["seconds"] / bandwidth
            print(f"{threads:>7}  {task:<19} {row['name']:<14} {row['seconds']:8.3f} {row['ratio'] or 0:7.2f} "
                  f"{row['megabytes_per_second']:8.0f} {row['records'] / row['seconds']:11.0f} {row['sum']:14.6g}  {row['limit_share']:.1%}",
                  flush=True)


def main():
    parser = argparse.ArgumentParser()
    for name in ("ours", "data", "scratch", "threads", "json", "peers", "child"):
        parser.add_argument("--" + name, default="")
    parser.add_argument("--repetitions", type=int, default=3)
    options = parser.parse_args()
    if options.child:
        return RUNS[options.child](options.data, int(options.threads), options.repetitions)
    prepare(options.data, options.scratch)
    report = {"task": "reading and writing examples", "machine": platform.processor() or platform.machine(), "rows": []}
    print(f"{'threads':>7}  {'what':<19} {'who':<14} {'seconds':>8} {'ratio':>7} {'MB/s':>8} {'records/s':>11} {'sum':>14}  share of memory's speed")
    for threads in options.threads.split():
        def own(name):
            return peers.child([sys.executable, __file__, "--child", name, "--data", options.scratch, "--threads", threads,
                                "--repetitions", str(options.repetitions)], threads)
        runs = peers.child(shlex.split(options.ours) + ["ingest", options.scratch, threads, str(options.repetitions)], threads)
        for name in options.peers.split():
            runs += own(name)
        groups = {}
        for run in runs:
            groups.setdefault((run["name"], run["task"]), []).append(run)
        rows = [dict(group[0], seconds=statistics.median(run["seconds"] for run in group)) for group in groups.values()]
        table(rows, threads, own("limit")[0]["bytes"])
        report["rows"] += rows
    peers.write_report(options.json, report)


if __name__ == "__main__":
    main()
