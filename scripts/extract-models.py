#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes Sources/CServiceModels/services.model from botocore's data (Apache-2.0): facts only, no documentation.

One line is one fact: a service, an operation, a shape, a member, a paginator, a waiter or one of its acceptors. Fields
are separated by single spaces; the rest are `key=value` or a bare flag. Within a value, space, percent and (in lists)
comma are percent-encoded. A pattern is raw and runs to the end of its line. Services, operations and shapes are sorted
by name (bytes), members keep the order of the service's own description, since output is printed in it.

    service IDENTIFIER bytes=… id=… command=… endpoint=… signing=… version=… protocols=A,B [json=1.1] [target=…] [xmlns=…] [global]
                                                           bytes: the length of all lines up to the next service's
    operation NAME METHOD URI [in=SHAPE] [out=SHAPE] [status=204] [wrapper=…] [errors=A,B] …
    shape NAME KIND [required=A,B] [min=] [max=] [enum=A,B] … [pattern=…]
    . MEMBER SHAPE [at=header] [name=x-amz-acl] …          a member of the shape above; `member` of a list, `key`/`value` of a map
    paginator OPERATION [in=…] [out=…] [more=…] [limit=…] [results=…] [rest=…]
    waiter NAME OPERATION DELAY_SECONDS MAXIMUM_ATTEMPTS
    > STATE MATCHER EXPECTED [ARGUMENT]                    an acceptor of the waiter above
"""

import gzip
import json
import os
import subprocess
import sys

BOTOCORE_VERSION = "1.43.55"
SERVICES = [
    "application-autoscaling", "cloudwatch", "ecr", "iam", "logs", "s3", "sagemaker", "sagemaker-metrics",
    "sagemaker-runtime", "service-quotas", "sts",
]
COMMAND_NAMES = {"s3": "s3api"}
CLIENT_PROTOCOL_ORDER = ["json", "smithy-rpc-v2-cbor", "rest-json", "rest-xml", "query"]


def botocore_folder():
    """The data folder of the pinned botocore, installed into a cached virtual environment where it is not there."""
    try:
        import botocore

        if botocore.__version__ == BOTOCORE_VERSION:
            return os.path.join(os.path.dirname(botocore.__file__), "data")
    except ImportError:
        pass
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    environment = os.path.join(cache, "sagebrush", f"botocore-{BOTOCORE_VERSION}")
    python = os.path.join(environment, "bin", "python3")
    if not os.path.exists(os.path.join(environment, "complete")):
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", f"botocore=={BOTOCORE_VERSION}"], check=True)
        open(os.path.join(environment, "complete"), "w").close()
    code = "import botocore, os; print(os.path.join(os.path.dirname(botocore.__file__), 'data'))"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def load(folder, name, default=None):
    """One data file, with its SDK extras merged in."""
    path = os.path.join(folder, name + ".json")
    if os.path.exists(path + ".gz"):
        with gzip.open(path + ".gz", "rt", encoding="utf-8") as file:
            data = json.load(file)
    elif os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
    else:
        return default
    stem, number = name.rsplit("-", 1)
    extras = os.path.join(folder, f"{stem}-{number}.sdk-extras.json")
    if os.path.exists(extras):
        with open(extras, encoding="utf-8") as file:
            merge(data, json.load(file).get("merge", {}))
    return data


def merge(base, extra):
    for key, value in extra.items():
        if isinstance(base.get(key), dict) and isinstance(value, dict):
            merge(base[key], value)
        else:
            base[key] = value


def encode(value, in_list=False):
    text = str(value).replace("%", "%25").replace(" ", "%20").replace("\n", "%0A")
    return text.replace(",", "%2C") if in_list else text


def encode_list(values):
    if isinstance(values, str):
        values = [values]
    return ",".join(encode(value, True) for value in values)


def number(value):
    return repr(value) if isinstance(value, float) and not value.is_integer() else str(int(value))


class Lines(list):
    def add(self, *fields):
        self.append(" ".join(field for field in fields if field))


def flag(name, condition):
    return name if condition else ""


def field(name, value):
    return "" if value is None else f"{name}={encode(value)}"


def fields(name, values):
    return f"{name}={encode_list(values)}" if values else ""


def namespace(trait):
    """`xmlNamespace` is a string or a structure with `uri` and `prefix`."""
    if trait is None:
        return "", ""
    if isinstance(trait, str):
        trait = {"uri": trait}
    return field("xmlns", trait.get("uri")), field("xmlprefix", trait.get("prefix"))


def service_line(identifier, metadata, length):
    protocols = sorted(metadata["protocols"], key=CLIENT_PROTOCOL_ORDER.index)
    line = Lines()
    line.add(
        "service", identifier, f"bytes={length}", field("id", metadata["serviceId"]), field("command", COMMAND_NAMES.get(identifier, identifier)),
        field("endpoint", metadata["endpointPrefix"]), field("signing", metadata.get("signingName", metadata["endpointPrefix"])),
        field("version", metadata["apiVersion"]), fields("protocols", protocols), field("json", metadata.get("jsonVersion")),
        field("target", metadata.get("targetPrefix")), *namespace(metadata.get("xmlNamespace")),
        flag("global", identifier in ("iam",)), flag("query-compatible", "awsQueryCompatible" in metadata),
    )
    return line[0]


def operation_line(lines, name, operation):
    http, source, target = operation["http"], operation.get("input", {}), operation.get("output", {})
    checksum = operation.get("httpChecksum", {})
    lines.add(
        "operation", name, http["method"], encode(http["requestUri"]), field("in", source.get("shape")),
        field("out", target.get("shape")),
        field("status", http["responseCode"]) if http.get("responseCode", 200) != 200 else "",
        field("wrapper", target.get("resultWrapper")), field("inputelement", source.get("locationName")),
        *namespace(source.get("xmlNamespace")), fields("errors", [error["shape"] for error in operation.get("errors", [])]),
        field("host", operation.get("endpoint", {}).get("hostPrefix")), flag("anonymous", operation.get("authtype") == "none"),
        flag("unsigned-payload", operation.get("unsignedPayload")),
        flag("checksum-required", checksum.get("requestChecksumRequired")),
        field("checksum-member", checksum.get("requestAlgorithmMember")),
        field("checksum-mode", checksum.get("requestValidationModeMember")),
        fields("checksum-response", checksum.get("responseAlgorithms")),
        fields("compression", operation.get("requestcompression", {}).get("encodings")),
        flag("deprecated", operation.get("deprecated")),
    )


def shape_lines(lines, name, shape):
    error = shape.get("error", {})
    lines.add(
        "shape", name, shape["type"], fields("required", shape.get("required")),
        "min=" + number(shape["min"]) if "min" in shape else "", "max=" + number(shape["max"]) if "max" in shape else "",
        field("payload", shape.get("payload")), field("time", shape.get("timestampFormat")),
        field("name", shape.get("locationName")), *namespace(shape.get("xmlNamespace")),
        flag("flattened", shape.get("flattened")), flag("sensitive", shape.get("sensitive")),
        flag("streaming", shape.get("streaming")), flag("union", shape.get("union")),
        flag("eventstream", shape.get("eventstream")), flag("event", shape.get("event")),
        flag("exception", shape.get("exception")), flag("fault", shape.get("fault")), flag("document", shape.get("document")),
        field("code", error.get("code")), field("status", error.get("httpStatusCode")),
        flag("sender", error.get("senderFault")), fields("enum", shape.get("enum")),
        "pattern=" + shape["pattern"] if "pattern" in shape else "",
    )
    members = dict(shape.get("members", {}))
    for role in ("member", "key", "value"):
        if role in shape:
            members[role] = shape[role]
    for member_name, member in members.items():
        lines.add(
            ".", member_name, member["shape"], field("at", member.get("location")), field("name", member.get("locationName")),
            field("time", member.get("timestampFormat")), *namespace(member.get("xmlNamespace")),
            flag("flattened", member.get("flattened")), flag("attribute", member.get("xmlAttribute")),
            flag("streaming", member.get("streaming")), flag("token", member.get("idempotencyToken")),
            flag("jsonvalue", member.get("jsonvalue")), flag("host", member.get("hostLabel")),
            flag("payload", member.get("eventpayload")), flag("deprecated", member.get("deprecated")),
        )


def expected(value):
    return "true" if value is True else "false" if value is False else encode(value)


def main():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    data = botocore_folder()
    text = [f"# Made by scripts/extract-models.py from botocore {BOTOCORE_VERSION} (Apache-2.0). Do not edit: see errata.model."]
    for identifier in sorted(SERVICES):
        versions = os.path.join(data, identifier)
        folder = os.path.join(versions, sorted(os.listdir(versions))[-1])
        model = load(folder, "service-2")
        lines = Lines()
        for name, operation in sorted(model["operations"].items()):
            operation_line(lines, name, operation)
        for name, shape in sorted(model["shapes"].items()):
            shape_lines(lines, name, shape)
        for name, paginator in sorted(load(folder, "paginators-1", {}).get("pagination", {}).items()):
            lines.add(
                "paginator", name, fields("in", paginator.get("input_token")), fields("out", paginator.get("output_token")),
                field("more", paginator.get("more_results")), field("limit", paginator.get("limit_key")),
                fields("results", paginator.get("result_key")), fields("rest", paginator.get("non_aggregate_keys")),
            )
        for name, waiter in sorted(load(folder, "waiters-2", {}).get("waiters", {}).items()):
            lines.add("waiter", name, waiter["operation"], str(waiter["delay"]), str(waiter["maxAttempts"]))
            for acceptor in waiter["acceptors"]:
                lines.add(
                    ">", acceptor["state"], acceptor["matcher"], expected(acceptor["expected"]),
                    encode(acceptor["argument"]) if "argument" in acceptor else "",
                )
        length = sum(len(line.encode()) + 1 for line in lines)
        text += [service_line(identifier, model["metadata"], length), *lines]
    path = os.path.join(root, "Sources", "CServiceModels", "services.model")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(text) + "\n")
    print(f"{path}: {len(text)} lines")


if __name__ == "__main__":
    main()
