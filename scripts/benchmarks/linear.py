# SPDX-License-Identifier: Apache-2.0
"""Linear models on MNIST, "is it a 0?": Sagebrush beside PyTorch and scikit-learn. Run by scripts/bench.

Everybody gets the images as float32 in 0...1 in memory; the clock runs until the model is chosen. The task is 32 logistic models
with different learning rates and penalties at once: Adam, batches of 1,000, 15 epochs on the first 54,000 images, the best by the loss on
the other 6,000. scikit-learn has nothing of that kind; its row is a single model fitted by lbfgs and is there for its quality.
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

EPOCHS, BATCH, VALIDATION = 15, 1000, 6000
RATES, DECAYS = (1e-3, 5e-3, 1e-2, 5e-2), (0.0, 1e-6, 1e-5, 1e-4)


def idx(folder, name, header):
    path = os.path.join(folder, name)
    opener = open if os.path.exists(path) else gzip.open
    with opener(path if os.path.exists(path) else path + ".gz", "rb") as stream:
        return np.frombuffer(stream.read(), np.uint8)[header:]


def load(folder):
    train = idx(folder, "train-images-idx3-ubyte", 16).reshape(-1, 784).astype(np.float32) / np.float32(255)
    test = idx(folder, "t10k-images-idx3-ubyte", 16).reshape(-1, 784).astype(np.float32) / np.float32(255)
    labels = (idx(folder, "train-labels-idx1-ubyte", 8) == 0).astype(np.float32)
    test_labels = (idx(folder, "t10k-labels-idx1-ubyte", 8) == 0).astype(np.float32)
    return train, labels, test, test_labels


def quality(scores, labels):
    found, wanted = scores > 0, labels > 0.5
    true, false, missed = np.sum(found & wanted), np.sum(found & ~wanted), np.sum(~found & wanted)
    return float(np.mean(found == wanted)), float(2 * true / max(1, 2 * true + false + missed))


def result(name, seconds, test_scores, test_labels, validation_scores, validation_labels):
    accuracy, f1 = quality(test_scores, test_labels)
    return {"name": name, "seconds": seconds, "accuracy": accuracy, "f1": f1,
            "validation_f1": quality(validation_scores, validation_labels)[1]}


def run_torch(folder, threads, repetitions):
    import torch
    torch.set_num_threads(threads)
    train, labels, test, test_labels = load(folder)
    rates = torch.tensor([RATES[k // 8] for k in range(32)])
    decays = torch.tensor([DECAYS[k // 2 % 4] for k in range(32)])
    l1 = torch.tensor([1e-5 if k % 2 else 0.0 for k in range(32)])
    for repetition in range(repetitions):
        torch.manual_seed(repetition)
        start = time.perf_counter()
        x, y = torch.from_numpy(train), torch.from_numpy(labels)
        cut = len(y) - VALIDATION
        mean, deviation = x[:cut].mean(0), x[:cut].std(0)
        inverse = torch.where(deviation > 1e-6, 1 / deviation, torch.zeros(()))
        x = (x - mean) * inverse
        weights, biases = (torch.rand(784, 32) - 0.5) * 0.03, torch.zeros(32)
        state = [torch.zeros_like(t) for t in (weights, weights, biases, biases)]
        step = 0
        with torch.inference_mode():
            for _ in range(EPOCHS):
                order = torch.randperm(cut)
                for first in range(0, cut, BATCH):
                    rows = order[first:first + BATCH]
                    batch = x[rows]
                    errors = (torch.sigmoid(torch.addmm(biases, batch, weights)) - y[rows, None]) / len(rows)
                    gradient = batch.T @ errors + decays * weights + l1 * weights.sign()
                    step += 1
                    rate = rates * ((1 - 0.999 ** step) ** 0.5 / (1 - 0.9 ** step))
                    for value, g, m, v in ((weights, gradient, *state[:2]), (biases, errors.sum(0), *state[2:])):
                        m.lerp_(g, 0.1)
                        v.mul_(0.999).addcmul_(g, g, value=0.001)
                        value.sub_(rate * m / (v.sqrt() + 1e-8))
            validation = torch.addmm(biases, x[cut:], weights)
            losses = torch.nn.functional.softplus(validation).sub_(y[cut:, None] * validation).mean(0)
            best = int(losses.argmin())
            seconds = time.perf_counter() - start
            scores = ((torch.from_numpy(test) - mean) * inverse) @ weights[:, best] + biases[best]
        print(json.dumps(result("torch", seconds, scores.numpy(), test_labels, validation[:, best].numpy(), labels[cut:])))


def run_sklearn(folder, threads, repetitions):
    from sklearn.linear_model import LogisticRegression
    train, labels, test, test_labels = load(folder)
    cut = len(labels) - VALIDATION
    for _ in range(repetitions):
        start = time.perf_counter()
        model = LogisticRegression(max_iter=100).fit(train[:cut], labels[:cut])
        seconds = time.perf_counter() - start
        print(json.dumps(result("scikit-learn (one model, lbfgs)", seconds, model.decision_function(test), test_labels,
                                model.decision_function(train[cut:]), labels[cut:])))


def run_limit(_folder, threads, _repetitions):
    """The machine's practical limit: what its fastest matrix product reaches in float32."""
    size = 2048
    a, b = np.ones((size, size), np.float32), np.ones((size, size), np.float32)
    best = 0.0
    for _ in range(8):
        start = time.perf_counter()
        a @ b
        best = max(best, 2.0 * size ** 3 / (time.perf_counter() - start))
    print(json.dumps({"name": "limit", "flops": best}))


def child(command, threads):
    environment = {key: value for key, value in os.environ.items() if key != "OPENBLAS_CORETYPE"}
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        environment[name] = str(threads)
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        print(f"bench: {shlex.join(command)} failed with status {done.returncode}; its row is left out", file=sys.stderr)
        return []
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def median(runs):
    row = dict(runs[0])
    for key, value in row.items():
        if isinstance(value, float):
            row[key] = statistics.median(run[key] for run in runs)
    return row


def main():
    parser = argparse.ArgumentParser()
    for name in ("ours", "data", "threads", "json", "peers", "child"):
        parser.add_argument("--" + name, default="")
    parser.add_argument("--repetitions", type=int, default=3)
    options = parser.parse_args()
    if options.child:
        runs = {"torch": run_torch, "scikit-learn": run_sklearn, "limit": run_limit}
        return runs[options.child](options.data, int(options.threads), options.repetitions)
    report = {"task": "32 logistic models, MNIST", "machine": platform.processor() or platform.machine(), "rows": []}
    print(f"{'threads':>7}  {'who':<32} {'seconds':>8} {'ratio':>6} {'val. F1':>8} {'test F1':>8} {'accuracy':>8}  share of the limit")
    for threads in options.threads.split():
        def own(name):
            return child([sys.executable, __file__, "--child", name, "--data", options.data, "--threads", threads,
                          "--repetitions", str(options.repetitions)], threads)
        limit = own("limit")[0]["flops"]
        groups = [child(shlex.split(options.ours) + ["linear", options.data, threads, str(options.repetitions)], threads)]
        groups += [own(name) for name in options.peers.split()]
        rows = [median(runs) for runs in groups if runs]
        ours = next((row["seconds"] for row in rows if row["name"] == "sagebrush"), None)
        dense = 4.0 * 32 * EPOCHS * (60000 - VALIDATION) * 784
        for row in rows:
            row["threads"] = int(threads)
            row["ratio"] = row["seconds"] / ours if ours else None
            share = ""
            if row["name"] != "scikit-learn (one model, lbfgs)":
                row["dense_share"] = dense / row["seconds"] / limit
                share = f"{row['dense_share']:.0%} of dense float32"
            if "sparse_operations" in row:
                row["sparse_share"] = row["sparse_operations"] / row["seconds"] / limit
                share += f", {row['sparse_share']:.0%} without the zeros"
            ratio = f"{row['ratio']:.2f}" if ours else "-"
            print(f"{threads:>7}  {row['name']:<32} {row['seconds']:8.3f} {ratio:>6} {row['validation_f1']:8.4f} {row['f1']:8.4f} "
                  f"{row['accuracy']:8.4f}  {share}")
        report["rows"] += rows
        report[f"limit_gflops_{threads}"] = limit / 1e9
    with open(options.json, "w") as stream:
        json.dump(report, stream, indent=1)
        stream.write("\n")
    print(f"written to {options.json}")


if __name__ == "__main__":
    main()
