# SPDX-License-Identifier: Apache-2.0
"""Lab 1 with boto3: trains Linear Learner on "is it a 0?", deploys it, asks it about 1,000 test images, and cleans up.

    boto3_lab1.py DATA_FOLDER ROLE_ARN BUCKET
"""
import json
import pathlib
import sys
import time

import boto3

folder, role, bucket = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
image = "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1"
name = f"linear-learner-{int(time.time())}"
s3, sagemaker, runtime, logs = (boto3.client(service) for service in ("s3", "sagemaker", "sagemaker-runtime", "logs"))

s3.create_bucket(Bucket=bucket)
s3.upload_file(str(folder / "recordio-pb-data"), bucket, "train/recordio-pb-data")
sagemaker.create_training_job(
    TrainingJobName=name,
    RoleArn=role,
    AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File"},
    InputDataConfig=[
        {"ChannelName": "train", "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/train/"}}}
    ],
    OutputDataConfig={"S3OutputPath": f"s3://{bucket}/output"},
    ResourceConfig={"InstanceType": "ml.c4.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10},
    StoppingCondition={"MaxRuntimeInSeconds": 3600},
    HyperParameters={"feature_dim": "784", "predictor_type": "binary_classifier", "mini_batch_size": "200"},
)
sagemaker.get_waiter("training_job_completed_or_stopped").wait(
    TrainingJobName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 300})
job = sagemaker.describe_training_job(TrainingJobName=name)
assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
stream = logs.describe_log_streams(logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=name)["logStreams"][0]
events = logs.get_log_events(
    logGroupName="/aws/sagemaker/TrainingJobs", logStreamName=stream["logStreamName"], startFromHead=True)["events"]
assert events, "the job has written no log"

sagemaker.create_model(
    ModelName=name, ExecutionRoleArn=role,
    PrimaryContainer={"Image": image, "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"]})
sagemaker.create_endpoint_config(
    EndpointConfigName=name,
    ProductionVariants=[
        {"VariantName": "AllTraffic", "ModelName": name, "InstanceType": "ml.m4.xlarge", "InitialInstanceCount": 1}
    ])
sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 300})

labels = [float(line) for line in (folder / "test-labels.txt").read_text().split()]
answers = []
for batch in sorted(folder.glob("test-*.csv")):
    answer = runtime.invoke_endpoint(
        EndpointName=name, ContentType="text/csv", Accept="application/json", Body=batch.read_bytes())
    answers += [p["predicted_label"] for p in json.loads(answer["Body"].read())["predictions"]]
assert len(answers) == len(labels)
right = sum(answer == label for answer, label in zip(answers, labels))
accuracy = right / len(labels)

sagemaker.delete_endpoint(EndpointName=name)
sagemaker.delete_endpoint_config(EndpointConfigName=name)
sagemaker.delete_model(ModelName=name)
print(f"boto3 {boto3.__version__}: {len(answers)} answers, accuracy {accuracy:.4f}, {len(events)} log events")
assert accuracy >= 0.98
