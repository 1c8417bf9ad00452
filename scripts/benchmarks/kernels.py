# SPDX-License-Identifier: Apache-2.0
"""The kernels' speed beside the machine's limits, on one thread. Run by scripts/bench."""
import argparse
import json
import os
import platform
import shlex
import subprocess
import sys
import time

import numpy as np


def best_seconds(body, runs, batch=1):
    least = float("inf")
    for _ in range(runs):
        # Processor time, as for the kernels: what else the machine does is nobody's fault.
        begin = time.process_time()
        for _ in range(batch):
            body()
        least = min(least, (time.process_time() - begin) / batch)
    return least


def cache_bandwidth():
    cached = np.ones(1 << 16, np.int64)
    return cached.nbytes / best_seconds(cached.sum, 40, 200)


def main():
    parser = argparse.ArgumentParser()
    for name in ("ours", "hundredths", "json"):
        parser.add_argument("--" + name, default="")
    options = parser.parse_args()
    bandwidth = cache_bandwidth()
    command = shlex.split(options.ours) + ["kernels", "-", "1", options.hundredths]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: {shlex.join(command)} failed with status {done.returncode}")
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    peak = rows.pop(0)
    operations = peak["operations"] / peak["seconds"]
    print(f"limits: {operations / 1e9:.0f} GFLOP/s (multiply-adds in registers), {bandwidth / 1e9:.0f} GB/s (second-level cache)")
    print(f"{'kernel':<42} {'version':<11} {'speed':>15} {'share':>6} {'to reference':>12}")
    reference = {}
    for row in rows:
        reference.setdefault(row["kernel"], row["seconds"])
        row["to_reference"] = reference[row["kernel"]] / row["seconds"]
        if row["operations"] > 0:
            row["gflops"] = row["operations"] / row["seconds"] / 1e9
            row["share"] = row["gflops"] * 1e9 / operations
            speed = f"{row['gflops']:8.1f} GFLOP/s"
        else:
            row["gigabytes_per_second"] = row["bytes"] / row["seconds"] / 1e9
            row["share"] = row["gigabytes_per_second"] * 1e9 / bandwidth
            speed = f"{row['gigabytes_per_second']:8.1f} GB/s"
        print(f"{row['kernel']:<42} {row['version']:<11} {speed:>15} {row['share']:6.0%} {row['to_reference']:11.1f}x")
    os.makedirs(os.path.dirname(os.path.abspath(options.json)), exist_ok=True)
    with open(options.json, "w") as stream:
        json.dump({"machine": platform.processor() or platform.machine(), "limit_gflops": operations / 1e9,
                   "limit_gigabytes_per_second": bandwidth / 1e9, "rows": rows}, stream, indent=1)
        stream.write("\n")
    print(f"written to {options.json}")


if __name__ == "__main__":
    main()
