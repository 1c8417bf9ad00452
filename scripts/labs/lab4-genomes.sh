#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Lab 4, 1000 Genomes: groups people by their genotypes with SageMaker's K-Means on two instances, and looks at which populations the
# clusters hold.
#
#     lab4-genomes.sh ROLE_ARN BUCKET [FOLDER]
#
# ROLE_ARN is a role that SageMaker may assume and that may use the bucket; BUCKET is made here; FOLDER, where files are kept, is made if
# need be. CHROMOSOME (1), POSITIONS (all of it) and POPULATIONS (GBR,ASW,CHB) say otherwise which genotypes. Besides the AWS CLI it needs
# `vcf`, which is there with `sagebrush run`; elsewhere put `vcf() { sagebrush vcf "$@"; }` in front.
set -euo pipefail

role=${1:?the ARN of the execution role}
bucket=${2:?the name of a bucket to make}
folder=${3:-}
chromosome=${CHROMOSOME:-1}
populations=${POPULATIONS:-GBR,ASW,CHB}
region=${AWS_REGION:-$(aws configure get region)}
prefix=sagemaker/genome-example
name=kmeans-$(date -u +%Y-%m-%d-%H-%M-%S)-$$

case $region in
    us-east-1) registry=382416733822 ;;
    us-east-2) registry=404615174143 ;;
    us-west-2) registry=174872318107 ;;
    eu-west-1) registry=438346466558 ;;
    eu-central-1) registry=664544806723 ;;
    ap-northeast-1) registry=351501993468 ;;
    ap-northeast-2) registry=835164637446 ;;
    ap-southeast-2) registry=712309505854 ;;
    *) echo "This lab knows no K-Means image in $region: set AWS_REGION." >&2 && exit 1 ;;
esac
image=$registry.dkr.ecr.$region.amazonaws.com/kmeans:1
if [ -z "$folder" ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
fi
mkdir -p "$folder"

echo "== Genotypes from the public bucket"
genotypes=ALL.chr$chromosome.phase3_shapeit2_mvncall_integrated_v5a.20130502.genotypes.vcf.gz
for file in "$genotypes" "$genotypes.tbi" integrated_call_samples_v3.20130502.ALL.panel; do
    aws s3 cp "s3://1000genomes/release/20130502/$file" "$folder/$file" --no-progress
done
choice=("$folder/$genotypes" --panel "$folder/integrated_call_samples_v3.20130502.ALL.panel" --populations "$populations")
[ -z "${POSITIONS:-}" ] || choice+=(--positions "$POSITIONS")

echo "== A matrix of people and variants, in two files for two instances"
vcf export "${choice[@]}" "$folder/data" --shards 2 --s3-prefix "s3://$bucket/$prefix/train/" | tee "$folder/export"
features=$(sed -n 's/.* people, \([0-9]*\) features.*/\1/p' "$folder/export")
aws s3 mb "s3://$bucket" --region "$region"
for file in matrix_0.pbr matrix_1.pbr .amazon.manifest; do
    aws s3 cp "$folder/data/$file" "s3://$bucket/$prefix/train/$file" --no-progress
done

echo "== A training job on two instances"
aws sagemaker create-training-job --training-job-name "$name" --role-arn "$role" \
    --algorithm-specification "TrainingImage=$image,TrainingInputMode=File" \
    --input-data-config "[{\"ChannelName\": \"train\", \"DataSource\": {\"S3DataSource\": {\"S3DataType\": \"ManifestFile\",
        \"S3Uri\": \"s3://$bucket/$prefix/train/.amazon.manifest\", \"S3DataDistributionType\": \"ShardedByS3Key\"}}}]" \
    --output-data-config "S3OutputPath=s3://$bucket/$prefix/output" \
    --resource-config InstanceType=ml.c4.8xlarge,InstanceCount=2,VolumeSizeInGB=50 \
    --stopping-condition MaxRuntimeInSeconds=3600 \
    --hyper-parameters "k=3,feature_dim=$features,force_dense=True" \
    --query TrainingJobArn --output text
aws sagemaker wait training-job-completed-or-stopped --training-job-name "$name"
status=$(aws sagemaker describe-training-job --training-job-name "$name" --query TrainingJobStatus --output text)
echo "The job is $status."
if [ "$status" != Completed ]; then
    aws sagemaker describe-training-job --training-job-name "$name" --query FailureReason --output text
    exit 1
fi
model_data=$(aws sagemaker describe-training-job --training-job-name "$name" --query ModelArtifacts.S3ModelArtifacts --output text)

echo "== An endpoint"
aws sagemaker create-model --model-name "$name" --execution-role-arn "$role" \
    --primary-container "Image=$image,ModelDataUrl=$model_data" --query ModelArn --output text
aws sagemaker create-endpoint-config --endpoint-config-name "$name" --production-variants \
    "VariantName=AllTraffic,ModelName=$name,InstanceType=ml.m4.xlarge,InitialInstanceCount=1,InitialVariantWeight=1" \
    --query EndpointConfigArn --output text
aws sagemaker create-endpoint --endpoint-name "$name" --endpoint-config-name "$name" --query EndpointArn --output text
aws sagemaker wait endpoint-in-service --endpoint-name "$name"

for part in matrix_0 matrix_1 test; do
    aws sagemaker-runtime invoke-endpoint --endpoint-name "$name" --content-type application/x-recordio-protobuf \
        --accept application/x-recordio-protobuf --body "fileb://$folder/data/$part.pbr" "$folder/$part.answer" >/dev/null
done
echo "== Clusters of the people trained with"
vcf crosstab --panel "$folder/data/train.panel" "$folder/matrix_0.answer" "$folder/matrix_1.answer"
echo "== Clusters of the people held out"
vcf crosstab --panel "$folder/data/test.panel" "$folder/test.answer"
echo "== The same people by their principal components"
vcf scatter "${choice[@]}" --svg "$folder/components.svg"

echo "== Cleaning up"
aws sagemaker delete-endpoint --endpoint-name "$name"
aws sagemaker delete-endpoint-config --endpoint-config-name "$name"
aws sagemaker delete-model --model-name "$name"
aws s3 rb "s3://$bucket" --force >/dev/null
