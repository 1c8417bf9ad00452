# SPDX-License-Identifier: Apache-2.0
"""A decision tree grown to purity by gini on MNIST's 60,000 images: Sagebrush beside its peers. Run by scripts/bench.

Everybody gets the images as float32 in 0...1 in memory; the clock runs until the tree is grown. scikit-learn's exact tree is the same
work and the same tree but for ties. The Intel extension has no decision tree of its own: a forest of one tree without bootstrap and with
all features stands for it. LightGBM and XGBoost have no single tree of ten classes: ten one-against-the-rest trees of up to 255 leaves
each (one round of boosting) are the nearest, on histograms and by XGBoost's exact method.
"""
import json
import time

import numpy as np

import peers


def report(name, seconds, predicted, labels, **more):
    print(json.dumps(dict(name=name, seconds=seconds, accuracy=float(np.mean(predicted == labels)), **more)), flush=True)


def run_sklearn(folder, threads, repetitions):
    from sklearn.tree import DecisionTreeClassifier
    images, labels, test, test_labels = peers.mnist(folder)
    for repetition in range(repetitions):
        start = time.perf_counter()
        tree = DecisionTreeClassifier(random_state=repetition).fit(images, labels)
        report("scikit-learn, exact", time.perf_counter() - start, tree.predict(test), test_labels, leaves=int(tree.get_n_leaves()))


def run_sklearnex(folder, threads, repetitions):
    from sklearnex.ensemble import RandomForestClassifier
    images, labels, test, test_labels = peers.mnist(folder)
    for repetition in range(repetitions):
        start = time.perf_counter()
        forest = RandomForestClassifier(n_estimators=1, bootstrap=False, max_features=None, random_state=repetition, n_jobs=threads)
        forest.fit(images, labels)
        report("Intel extension, one-tree forest", time.perf_counter() - start, forest.predict(test), test_labels)


def run_lightgbm(folder, threads, repetitions):
    from lightgbm import LGBMClassifier
    images, labels, test, test_labels = peers.mnist(folder)
    for repetition in range(repetitions):
        start = time.perf_counter()
        model = LGBMClassifier(n_estimators=1, learning_rate=1.0, num_leaves=255, min_child_samples=1, n_jobs=threads, verbose=-1,
                               random_state=repetition).fit(images, labels)
        report("LightGBM, ten trees, histograms", time.perf_counter() - start, model.predict(test), test_labels)


def run_xgboost(folder, threads, repetitions):
    from xgboost import XGBClassifier
    images, labels, test, test_labels = peers.mnist(folder)
    for repetition in range(repetitions):
        start = time.perf_counter()
        model = XGBClassifier(n_estimators=1, learning_rate=1.0, max_depth=8, tree_method="exact", n_jobs=threads,
                              random_state=repetition).fit(images, labels)
        report("XGBoost, ten trees, exact", time.perf_counter() - start, model.predict(test), test_labels)


def describe(row, ours, limits):
    # Reading each of the 9.0 million non-zero pixels once a level, as a byte with its row, is what no exact method can do without.
    least = 9.0e6 * 5 / limits["bytes"]
    row["roofline_share"] = least / row["seconds"]
    ratio = row["ratio"] = row["seconds"] / ours["seconds"] if ours else None
    return (f"{row['threads']:>7}  {row['name']:<34} {row['seconds']:8.3f} {ratio or 0:6.2f} {row['accuracy']:8.4f} "
            f"{row.get('leaves', '-'):>7}  {row['roofline_share']:.1%}")


if __name__ == "__main__":
    peers.compete("tree", "one decision tree, MNIST", {
        "scikit-learn": run_sklearn, "sklearnex": run_sklearnex, "lightgbm": run_lightgbm, "xgboost": run_xgboost,
    }, __file__, f"{'threads':>7}  {'who':<34} {'seconds':>8} {'ratio':>6} {'accuracy':>8} {'leaves':>7}  one pass of memory", describe)
