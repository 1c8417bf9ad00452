# SPDX-License-Identifier: Apache-2.0
"""Writes which of moto's tests fail here, and why: moto_suite_list.py BASELINE RESULTS_FOLDER OUTPUT.md (see scripts/moto-suite)."""

import collections
import json
import pathlib
import re
import sys

SERVICES = {"s3", "iam", "sts", "sagemaker", "logs", "monitoring", "ecr", "unsigned"}
FOLDERS = [
    ("S3", "test_s3"), ("IAM", "test_iam"), ("STS", "test_sts"), ("SageMaker", "test_sagemaker"),
    ("SageMaker Runtime", "test_sagemakerruntime"), ("SageMaker Metrics", "test_sagemakermetrics"), ("CloudWatch Logs", "test_logs"),
    ("CloudWatch", "test_cloudwatch"), ("ECR", "test_ecr"),
]
UNKNOWN = "Not looked into yet."
# What a test's name and its error say: the first row that matches is the reason.
REASONS = [
    (r"user/moto", "The test wants the one name that moto gives every caller (user/moto)."),
    (r"aws-cn|aws-iso|cn-north-1|isob-east-1", "Another partition (aws-cn, aws-iso-b): a world's ARNs are those of the partition aws."),
    (r"default_user|_get_account_summary|_get_credential_report_content", "The test wants an account without users; a world has the user whose key signs."),
    (r"path is invalid|pathPrefix", "A path that does not begin and end with a slash; AWS refuses it."),
    (r"policyName is invalid", "A policy's name with a space; AWS refuses it."),
    (r"_tags_model_package_group|_list_trial_tags|_list_trial_component_tags", "More than 50 tags at once; AWS refuses them."),
    (r"_search_model_package_groups|_list_model_quality_job_definitions|_search_model_packages", "Lists begin with the newest by AWS's documentation; the test wants the oldest."),
    (r"test_list_model_packages\b", "Two packages of one name outside a group; AWS refuses the second."),
    (r"group_name_are_not_provided|_feature_groups.py::test_create|_describe_unknown_training_job", "Only the words of the message differ."),
    (r"_endpoint_invalid_memory_size", "A gap: a `MemorySizeInMB` between the documented sizes is taken."),
    (r"_list_model_explainability", "Lists begin with the newest by AWS's documentation; the test wants the oldest."),
    (r"_minimal_params|_notebook_instance_lifecycle\b", "SageMaker writes names in ARNs in lower case; the test wants them as they were given."),
    (r"paginated_with_", "moto cuts pages before it filters them; AWS filters first."),
    (r"Could not find model", "The model does not exist; AWS refuses the job."),
    (r"training_job.*AddTags", "Tags for a job of another account; AWS refuses it."),
    (r"_create_notebook_instance_params", "The lifecycle configuration does not exist; AWS refuses it."),
    (r"test_list_notebook_instances", "The instance is stopped while it is Pending; AWS refuses it."),
    (r"re.match|match at 0x.*arn:aws:sagemaker|[nN]otebook.instance.*identical", "SageMaker writes names in ARNs in lower case; the test wants them as they were given."),
    (r"_describe_unknown_transform_job|_disassociate_trial_component", "What does not exist is ResourceNotFound by AWS's documentation."),
    (r"inference_specifications_to_add", "The input breaks the service's published constraint; AWS refuses it."),
    (r"sagemakerruntime.*invoke_endpoint", "An endpoint that does not exist answers in moto."),
    (r"test_describe_feature_group", "The test pins the name that moto makes for the offline store's table or folder."),
    (r"test_notebook_instance_lifecycle_config", "A script that is not base64; AWS refuses it."),
    (r"_pipeline_name_prefix", "moto finds a prefix anywhere in the name."),
    (r"_create_service_linked_role\[other", "The name of a role for a service that does not exist."),
    (r"test_list_entities_for_policy", "moto takes the filter LocalManagedPolicy for users, groups and roles; AWS does not say what it lists."),
    (r"test_create_model_package\b", "moto writes the name in the ARN in lower case, here it stays as it was given."),
    (r"test_untag_instance_profile", "moto answers an empty list of tags, here there is none."),
    (r"invalid_policy_bad_action", "A gap: a trust policy may name an STS action that does not exist."),
    (r"access_integration.*CreateRole", "A role without policies makes a role; AWS refuses it."),
    (r"_subscription_filter_with_loggroup", "Subscription filters are kept; nothing is delivered to other log groups."),
    (r"test_unknown_pattern", "A pattern for JSON events matches no plain text; in moto it matches everything."),
    (r"_cloudwatch_return_s3_metrics", "S3's daily storage metrics are not kept."),
    (r"_expressive_expression", "Metrics Insights queries (SELECT) are not simulated."),
    (r"_partially_within_timeframe", "The test pins moto's own label for a metric."),
    (r"test_describe_alarms\b", "moto answers an empty list `Metrics` for an alarm on one metric."),
    (r"_on_resource_without_tags", "An alarm without statistic and threshold; AWS refuses it."),
    (r"_get_authorization_token", "The test wants moto's fixed tokens, or registry ids that are none."),
    (r"replication_configuration_error_feature_disabled", "The test wants a feature to be switched off."),
    (r"test_put_lifecycle_policy", "`countUnit` beside `imageCountMoreThan`; AWS refuses it."),
    # S3
    (r"SelectObjectContent|test_select_unknown_key", "S3 Select is out of scope: AWS closed it to new customers in 2024."),
    (r"test_put_object_acl_using_grant", "AWS takes `id=` with a canonical user's id and `uri=` with a group's; the test wants other pairs."),
    (r"test_upload_data_without_content_type", "A write without a signature; AWS answers 403 unless the bucket lets everybody write."),
    (r"test_streaming_upload_from_file_to_presigned", "GET with a URL that is signed for PUT; the method is signed."),
    (r"test_upload_from_file_to_presigned_url", "A form is sent to a URL that is signed for no content type (Signature Version 2); AWS refuses it, and would keep the form as it is."),
    (r"test_delete_empty_keys_list", "A bucket that does not exist and a list that is empty: both errors hold; only the order differs."),
    (r"test_s3_object_in_private_bucket", "GetObject answers the code AccessDenied; the test wants the bare status as code."),
    (r"test_encryption|test_delete_and_get_encryption|bucketkeyenabled", "Since 2023 every bucket and object is encrypted with SSE-S3, and says so."),
    (r"test_lifecycle_(multi|delete|empty)", "A lifecycle rule without an action; AWS refuses it."),
    (r"test_s3_object_in_public_bucket", "An object of a bucket whose list is public has a list of its own, private by default; AWS refuses the reading."),
    (r"copy-source-range", "The range ends behind the source's last byte; AWS refuses it."),
    (r"test_list_objects_truncated_response", "AWS answers an empty `Prefix` where none was asked for; the test wants none."),
    (r"test_list_objects_v2_fetch_owner", "AWS stopped sending `DisplayName` in November 2025."),
    (r"test_list_objects_v2_checksum_algo", "The test looks for a request header among the answer's."),
    (r"test_get_unknown_version|test_multipart_wrong_partnumber", "Text that cannot be an identifier or a number: AWS answers InvalidArgument."),
    (r"test_list_buckets", "AWS lists buckets by name; the test wants them as they were made."),
    (r"test_object_acl_with_presigned_post", "The form has a field that its policy does not name; AWS refuses it."),
    (r"with_delimiter_for_deleted_objects", "The bucket's name has an underscore; AWS refuses it."),
    (r"test_log_file_is_created", "Server access logs are kept as a setting; no log files are delivered."),
    (r"test_s3_returns_requestid", "The test wants `x-amzn-requestid`; S3 sends `x-amz-request-id`."),
    (r"test_multipart_upload_too_small", "Only the words differ: the service says \"allowed size\", its documentation \"allowed object size\"."),
    (r"composite_suffix", "Parts with CRC32 in an upload that was begun with SHA256; AWS refuses them."),
    (r"test_multipart_upload_out_of_order", "Parts out of order: AWS answers InvalidPartOrder."),
    (r"test_list_multiparts", "The upload is aborted under another key than it was begun with; AWS answers NoSuchUpload."),
    (r"test_generate_presigned_url_on_multipart_upload_without_acl", "The object is private and read without a signature; AWS answers 403."),
    (r"test_get_attributes_checksum", "AWS adds `ChecksumType` to an object's checksums."),
    (r"test_create_and_retrieve_replication", "moto adds IDs and priorities to rules that have none; AWS keeps rules as they came."),
    # STS
    (r"test_sts.*(get_session_token|get_federation_token|assume_role\[|web_identity)", "The test wants moto's fixed credentials or its token of 356 characters, or a token of no provider."),
    (r"SAML|saml", "The assertion is of an identity provider that the account does not have, and is not signed by it; AWS refuses it."),
    (r"with_assumed_role_credentials", "The session token is left out; AWS answers InvalidClientTokenId."),
    (r"test_assume_role_in_different_account", "The role does not exist in the other account; AWS refuses the call."),
    # IAM
    (r"not found' in|already exists' ==|not found' ==|ready exists.' ==|not be found.' ==|has password", "Only the words of the message differ; these are the service's."),
    (r"KeyError: 'Document'", "AWS answers a new version of a policy without its document."),
    (r"less than or equal to \d+\.' in|less than or eq|Value \"\{\}\" at|egacy parsing|clientIDList", "Only the words of the message differ (a full stop, quotes, the order, the limit)."),
    (r"my-user is not authorized|test-user is not authorized|Access Key with id", "A user without policies calls IAM, or a key is changed as if it were another user's; AWS refuses it."),
    (r"MalformedCertificate", "The certificate is no certificate; AWS refuses it."),
    (r"LimitExceeded", "More than 50 tags; AWS refuses them."),
    (r"test_create_role_with_permissions_boundary", "The boundary does not exist; AWS refuses it."),
    (r"test_remove_nonattached_user", "AWS takes a user out of a group that he is not in without an error."),
    # SageMaker
    (r"Could not assume role", "The role does not exist; AWS refuses it."),
    (r"AutoML|auto_ml|compilation_job", "The job would be Completed without anything having run; here it fails and says so."),
    (r"_cluster", "The test pins moto's ids and words; AWS gives clusters and nodes ids of their own."),
    (r"domain", "The test pins moto's domain id; AWS makes one of random characters."),
    (r"IamIdentity", "AWS says who made something (`IamIdentity`); the test wants nothing."),
    (r"A TrainingJobDefinition is required", "A tuning job without a training job; AWS refuses it."),
    (r"failed to satisfy constraint", "The input breaks the service's published constraint; AWS refuses it."),
    (r"should_validate_input", "Only the words of the message differ (the order of an enumeration's values)."),
    (r"_job.*'Failed' == 'Completed'|'Failed' == 'InProgress'|_describe_training_job|_create_training_job|_create_processing_job|_create_transform_job", "A job on data that does not exist is Completed in moto; here, as on AWS, it fails."),
    # Logs
    (r"tooOldLogEventEndIndex", "The index is exclusive by AWS's documentation; moto's is not."),
    (r"paging|next_token|nextToken|test_get_log_events", "The test pins the text of moto's tokens, which AWS's clients must not look into."),
    (r"PutMetricFilter|DeleteMetricFilter|delete_metric_filter", "The log group or filter does not exist, or the words differ; AWS answers ResourceNotFoundException."),
    (r"_export_task|_export_executes", "The test pins moto's own key for an exported file."),
    # CloudWatch
    (r"_statistics_dimensions|_data_for_dimensions", "Datapoints of other dimensions are counted in; for AWS each set of dimensions is a metric."),
    (r"_list_metrics|_duplicate_put_metric_data", "A metric listed once for each datapoint, or put without a value; AWS lists it once and wants a value."),
    (r"_put_metric_alarm|_alarm_state", "The alarm's state is checked here when it is made; the test wants moto's first words or a state set by hand."),
    # ECR
    (r"_immutability", "Another image with an immutable tag is ImageTagAlreadyExistsException by AWS's documentation."),
    (r"_mutability_with_exclusion", "moto reads a wildcard as a regular expression."),
    (r"_same_image_with_multiple|_ecr_image_digest|_ecr_image_tag_mutability", "An image's digest is its manifest's hash; moto takes what the test claims."),
    (r"_contain_empty_tag2", "The same image again without a tag: AWS answers ImageAlreadyExistsException."),
    (r"_put_multiple_images_with_same_tag", "An image whose last tag has moved stays as an untagged one; moto drops it."),
    (r"_describe_image_scan_findings", "moto makes up a scan's findings; here a scan fails and says that it is not supported."),
    (r"LayersNotFound|ImageDigestDoesNotMatch", "The image's layers were never uploaded; AWS refuses it."),
    (r"registryId|registryIds|that_doesnt_exist|012345678910", "A registry id that is none or another account's; AWS refuses it in other words."),
]


def is_counted(row):
    return row["requests"] > 0 and set(row["services"]) <= SERVICES and not row["motoapi"]


def reason(identifier, error):
    text = f"{identifier} {error}"
    return next((reason for pattern, reason in REASONS if re.search(pattern, text)), UNKNOWN)


def main(baseline_file, results_folder, output):
    baseline = json.loads(pathlib.Path(baseline_file).read_text())
    table, lists, passed_count, counted_count = [], [], 0, 0
    for name, folder in FOLDERS:
        results = pathlib.Path(results_folder) / f"{folder}.jsonl"
        if not results.exists():
            continue
        rows = {row["id"]: row for row in map(json.loads, results.read_text().splitlines())}
        counted = {i: r for i, r in rows.items() if r["outcome"] != "skipped" and is_counted(baseline.get(i, r))}
        # A test that never ran has failed.
        for identifier, row in baseline.items():
            if identifier.startswith(f"tests/{folder}/") and identifier not in rows and row["outcome"] != "skipped" and is_counted(row):
                counted[identifier] = {"outcome": "failed", "why": "did not run"}
        failed = {i: r for i, r in counted.items() if r["outcome"] != "passed"}
        table.append(f"| {name} | {len(counted) - len(failed)} | {len(counted)} |")
        passed_count += len(counted) - len(failed)
        counted_count += len(counted)
        groups = collections.defaultdict(list)
        for identifier, row in failed.items():
            short = identifier.split("/", 2)[2].encode("ascii", "backslashreplace").decode()
            groups[reason(identifier, str(row.get("why")))].append(short)
        for text, names in sorted(groups.items(), key=lambda group: (group[0] == UNKNOWN, group[0])):
            lists.append(f"### {name}: {text}\n\n" + "\n".join(f"- `{test}`" for test in names) + "\n")
    table.append(f"| all | {passed_count} | {counted_count} |")
    pathlib.Path(output).write_text(HEAD + "\n".join(table) + TAIL + "\n".join(lists))


HEAD = """# The tests of moto 5.2.1, run against `sagebrush serve --relaxed`

Counted are tests that send a request, touch only services that Sagebrush has, and use no path of moto's own. Run by `scripts/moto-suite`
with `--clock instant --account 123456789012`, the example key pair, and a world that is emptied before each test. `--relaxed` leaves out
checks of AWS's that moto does not make (README.md says which); without it fewer pass.

| Service | Passed | Of |
|---|---|---|
"""
TAIL = """

## What fails, and why

"Not looked into yet" means just that: it may be a fault here. The other reasons come from the test's text and its error beside AWS's
documentation; none was tried against AWS.

"""

if __name__ == "__main__":
    main(*sys.argv[1:])
