#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes Sources/CManagedPolicies/managed-policies.tsv: AWS's managed policies, facts taken from moto (Apache-2.0, PyPI).

Usage: pip install moto && scripts/extract-managed-policies.py

One line a policy: name, path, default version, creation date, update date, document. The order of elements in the source is
alphabetical; here it is the order in which policies are usually written. Policy ids and descriptions are not in the source.
"""
import importlib.util
import json
import pathlib

NAMES = """
AWSDenyAll AdministratorAccess AmazonEC2ContainerRegistryFullAccess AmazonEC2ContainerRegistryPowerUser
AmazonEC2ContainerRegistryReadOnly AmazonEC2FullAccess AmazonEC2ReadOnlyAccess AmazonS3FullAccess AmazonS3ReadOnlyAccess
AmazonSageMakerCanvasFullAccess AmazonSageMakerFullAccess AmazonSageMakerGroundTruthExecution AmazonSageMakerReadOnly
CloudWatchFullAccess CloudWatchFullAccessV2 CloudWatchLogsFullAccess CloudWatchLogsReadOnlyAccess CloudWatchReadOnlyAccess
IAMFullAccess IAMReadOnlyAccess IAMUserChangePassword PowerUserAccess ReadOnlyAccess SecurityAudit ServiceQuotasFullAccess
ServiceQuotasReadOnlyAccess ViewOnlyAccess
""".split()
ORDER = ["Version", "Id", "Statement", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource",
         "NotResource", "Condition"]


def ordered(value):
    """Elements of documents and statements in their usual order; condition operators and keys as they are."""
    if isinstance(value, list):
        return [ordered(element) for element in value]
    if not isinstance(value, dict):
        return value
    keys = sorted(value, key=lambda key: ORDER.index(key) if key in ORDER else len(ORDER))
    return {key: value[key] if key == "Condition" else ordered(value[key]) for key in keys}


def main():
    package = importlib.util.find_spec("moto").submodule_search_locations[0]
    path = pathlib.Path(package) / "iam" / "aws_managed_policies.py"
    spec = importlib.util.spec_from_file_location("aws_managed_policies", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    policies = json.loads(module.aws_managed_policies_data)
    lines = []
    for name in sorted(NAMES):
        policy = policies[name]
        document = json.dumps(ordered(policy["Document"]), separators=(",", ":"))
        lines.append("\t".join([name, policy["Path"], policy["DefaultVersionId"], policy["CreateDate"], policy["UpdateDate"], document]))
    target = pathlib.Path(__file__).parent.parent / "Sources" / "CManagedPolicies" / "managed-policies.tsv"
    target.write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} policies, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
