#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records scikit-learn's decision trees on iris, which Sagebrush's are tested against.

usage: scripts/record-iris-trees.py > Tests/Vectors/iris-trees/trees.json

Where splits tie, scikit-learn's choice depends on random_state: every tree that a range of them yields is recorded once.
"""
import json

import sklearn
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, export_text

SETTINGS = [
    {}, {"criterion": "entropy"}, {"max_depth": 2}, {"max_leaf_nodes": 5}, {"criterion": "entropy", "max_leaf_nodes": 6},
    {"min_samples_leaf": 5}, {"min_samples_split": 20}, {"min_impurity_decrease": 0.01}, {"min_weight_fraction_leaf": 0.05},
    {"class_weight": {"setosa": 1.0, "versicolor": 2.5, "virginica": 0.5}}, {"ccp_alpha": 0.015},
    {"criterion": "squared_error", "max_depth": 4}, {"criterion": "squared_error", "min_samples_leaf": 3, "max_leaf_nodes": 8},
]


def main():
    iris = load_iris()
    names = [str(iris.target_names[label]) for label in iris.target]
    cases = []
    for settings in SETTINGS:
        is_regression = settings.get("criterion") == "squared_error"
        found = {}
        for seed in range(200):
            # Regression predicts the petal's width from the other three.
            rows = iris.data[:, :3] if is_regression else iris.data
            labels = iris.data[:, 3] if is_regression else names
            kind = DecisionTreeRegressor if is_regression else DecisionTreeClassifier
            model = kind(random_state=seed, **settings).fit(rows, labels)
            tree = model.tree_
            record = {
                "left": tree.children_left.tolist(), "right": tree.children_right.tolist(), "feature": tree.feature.tolist(),
                "threshold": tree.threshold.tolist(), "impurity": tree.impurity.tolist(),
                "samples": tree.n_node_samples.tolist(), "weight": tree.weighted_n_node_samples.tolist(),
                "value": tree.value.reshape(tree.node_count, -1).tolist(), "importances": model.feature_importances_.tolist(),
                "text": export_text(model),
            }
            key = json.dumps([record["left"], record["feature"], record["threshold"]])
            found.setdefault(key, record)
        cases.append({"settings": settings, "trees": list(found.values())})
    document = {"scikit-learn": sklearn.__version__, "rows": iris.data.tolist(), "labels": names, "cases": cases}
    print(json.dumps(document, separators=(",", ":")))


if __name__ == "__main__":
    main()
