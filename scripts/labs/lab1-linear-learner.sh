#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Lab 1, "is it a 0?": trains SageMaker's Linear Learner on MNIST, deploys it, and asks it about 1,000 test images.
#
#     lab1-linear-learner.sh DATA_FOLDER ROLE_ARN BUCKET
#
# DATA_FOLDER is what `sagebrush dataset export mnist DATA_FOLDER --label-is 0` writes; ROLE_ARN is a role that SageMaker may
# assume and that may use the bucket; BUCKET is made here. Everything below is the AWS CLI: it runs the same with `sagebrush run` and,
# for money, against the real service.
set -euo pipefail

data=${1:?the folder with the exported data}
role=${2:?the ARN of the execution role}
bucket=${3:?the name of a bucket to make}
region=${AWS_REGION:-$(aws configure get region)}
prefix=sagemaker/DEMO-linear-mnist
name=linear-learner-$(date -u +%Y-%m-%d-%H-%M-%S)-$$

case $region in
    us-east-1) registry=382416733822 ;;
    us-east-2) registry=404615174143 ;;
    us-west-2) registry=174872318107 ;;
    eu-west-1) registry=438346466558 ;;
    eu-central-1) registry=664544806723 ;;
    ap-northeast-1) registry=351501993468 ;;
    ap-northeast-2) registry=835164637446 ;;
    ap-southeast-2) registry=712309505854 ;;
    *) echo "This lab knows no Linear Learner image in $region: set AWS_REGION." >&2 && exit 1 ;;
esac
image=$registry.dkr.ecr.$region.amazonaws.com/linear-learner:1
answers=$(mktemp -d)
trap 'rm -rf "$answers"' EXIT

echo "== A bucket and a notebook instance"
aws s3 mb "s3://$bucket" --region "$region"
aws sagemaker create-notebook-instance --notebook-instance-name "$name" --instance-type ml.m4.xlarge --role-arn "$role" \
    --query NotebookInstanceArn --output text
aws sagemaker wait notebook-instance-in-service --notebook-instance-name "$name"

echo "== Training data to S3"
aws s3 cp "$data/recordio-pb-data" "s3://$bucket/$prefix/train/recordio-pb-data" --no-progress
aws s3 ls "s3://$bucket/$prefix/train/"

echo "== A training job"
aws sagemaker create-training-job --training-job-name "$name" --role-arn "$role" \
    --algorithm-specification "TrainingImage=$image,TrainingInputMode=File" \
    --input-data-config "[{\"ChannelName\": \"train\", \"DataSource\": {\"S3DataSource\": {\"S3DataType\": \"S3Prefix\",
        \"S3Uri\": \"s3://$bucket/$prefix/train/recordio-pb-data\", \"S3DataDistributionType\": \"FullyReplicated\"}}}]" \
    --output-data-config "S3OutputPath=s3://$bucket/$prefix/output" \
    --resource-config InstanceType=ml.c4.xlarge,InstanceCount=1,VolumeSizeInGB=30 \
    --stopping-condition MaxRuntimeInSeconds=86400 \
    --hyper-parameters feature_dim=784,predictor_type=binary_classifier,mini_batch_size=200 \
    --query TrainingJobArn --output text
aws sagemaker wait training-job-completed-or-stopped --training-job-name "$name"
status=$(aws sagemaker describe-training-job --training-job-name "$name" --query TrainingJobStatus --output text)
echo "The job is $status."
if [ "$status" != Completed ]; then
    aws sagemaker describe-training-job --training-job-name "$name" --query FailureReason --output text
    exit 1
fi
model_data=$(aws sagemaker describe-training-job --training-job-name "$name" --query ModelArtifacts.S3ModelArtifacts --output text)

echo "== A model, an endpoint configuration, an endpoint"
aws sagemaker create-model --model-name "$name" --execution-role-arn "$role" \
    --primary-container "Image=$image,ModelDataUrl=$model_data" --query ModelArn --output text
aws sagemaker create-endpoint-config --endpoint-config-name "$name" --production-variants \
    "VariantName=AllTraffic,ModelName=$name,InstanceType=ml.m4.xlarge,InitialInstanceCount=1,InitialVariantWeight=1" \
    --query EndpointConfigArn --output text
aws sagemaker create-endpoint --endpoint-name "$name" --endpoint-config-name "$name" --query EndpointArn --output text
aws sagemaker wait endpoint-in-service --endpoint-name "$name"

echo "== 1,000 test images in batches of 100"
for batch in "$data"/test-*.csv; do
    aws sagemaker-runtime invoke-endpoint --endpoint-name "$name" --content-type text/csv --accept application/json \
        --body "fileb://$batch" "$answers/$(basename "$batch" .csv).json" >/dev/null
done
grep -oh '"predicted_label": *[0-9.]*' "$answers"/*.json | sed 's/.*: *//' | paste - "$data/test-labels.txt" | awk '
    { predicted = $1 > 0.5; actual = $2 > 0.5 }
    predicted && actual { tp++ }
    predicted && !actual { fp++ }
    !predicted && actual { fn++ }
    !predicted && !actual { tn++ }
    END {
        precision = tp / (tp + fp); recall = tp / (tp + fn)
        printf "confusion  TN %d  FP %d  FN %d  TP %d\n", tn, fp, fn, tp
        printf "accuracy   %.4f\nprecision  %.4f\nrecall     %.4f\nF1         %.4f\n",
            (tp + tn) / NR, precision, recall, 2 * precision * recall / (precision + recall)
    }'

echo "== Cleaning up"
aws sagemaker delete-endpoint --endpoint-name "$name"
aws sagemaker delete-endpoint-config --endpoint-config-name "$name"
aws sagemaker delete-model --model-name "$name"
aws sagemaker stop-notebook-instance --notebook-instance-name "$name"
aws sagemaker wait notebook-instance-stopped --notebook-instance-name "$name"
aws sagemaker delete-notebook-instance --notebook-instance-name "$name"
aws s3 rb "s3://$bucket" --force >/dev/null
