# SPDX-License-Identifier: Apache-2.0
"""Lab 1 with the SageMaker Python SDK 2.x: LinearLearner and KMeans, each fit on a record set, deployed, asked and deleted.

    sdk_lab1.py DATA_FOLDER ROLE_ARN BUCKET
"""
import pathlib
import sys

import boto3
import numpy
import sagemaker
from sagemaker import KMeans, LinearLearner
from sagemaker.amazon.common import read_records

folder, role, bucket = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
# A bucket and a whole role ARN: the SDK would ask STS at its own address for what it doesn't know.
session = sagemaker.Session(boto3.Session(), default_bucket=bucket)


def deploy(estimator, instance_type="ml.m4.xlarge"):
    """Deploys and says which endpoint it is, so that it is deleted whatever happens."""
    return estimator.deploy(initial_instance_count=1, instance_type=instance_type)


with open(folder / "recordio-pb-data", "rb") as file:
    records = read_records(file)
features = numpy.array([r.features["values"].float32_tensor.values for r in records], dtype="float32")
labels = numpy.array([r.label["values"].float32_tensor.values[0] for r in records], dtype="float32")
test = numpy.concatenate([
    numpy.loadtxt(batch, delimiter=",", dtype="float32", ndmin=2) for batch in sorted(folder.glob("test-*.csv"))
])
truth = numpy.loadtxt(folder / "test-labels.txt")

learner = LinearLearner(
    role=role, instance_count=1, instance_type="ml.c4.xlarge", predictor_type="binary_classifier",
    output_path=f"s3://{bucket}/linear", sagemaker_session=session)
learner.fit(learner.record_set(features, labels=labels), mini_batch_size=200)
predictor = deploy(learner)
answers = [
    record.label["predicted_label"].float32_tensor.values[0]
    for start in range(0, len(test), 100)
    for record in predictor.predict(test[start:start + 100])
]
predictor.delete_model()
predictor.delete_endpoint()
accuracy = float(numpy.mean(numpy.array(answers) == truth))
print(f"linear-learner: sagemaker {sagemaker.__version__}, {len(answers)} answers, accuracy {accuracy:.4f}")
assert accuracy >= 0.98

if "--kmeans" in sys.argv:
    clusters = KMeans(
        role=role, instance_count=1, instance_type="ml.c4.xlarge", k=10, output_path=f"s3://{bucket}/kmeans",
        sagemaker_session=session)
    clusters.fit(clusters.record_set(features))
    predictor = deploy(clusters)
    found = {int(r.label["closest_cluster"].float32_tensor.values[0]) for r in predictor.predict(test[:500])}
    predictor.delete_model()
    predictor.delete_endpoint()
    print(f"kmeans: {len(found)} clusters")
    assert len(found) > 5
