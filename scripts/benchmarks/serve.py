# SPDX-License-Identifier: Apache-2.0
"""A model host answering POST /invocations, beside what Python users serve models with. Run by scripts/bench.

Everybody scores CSV with a logistic model of 784 features and answers JSON as Linear Learner does. Ours is the process that an endpoint
starts; peers run one worker a processor and parse with numpy. The load comes from wrk on the same machine, so that at the fast end both
share its processors.
"""
import argparse
import json
import os
import platform
import re
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import peers

PEER = '''
import json
import numpy as np
WEIGHTS = np.random.default_rng(0).normal(size=784).astype(np.float32) / 784

def predict(body):
    rows = np.fromstring(body.replace(b"\\n", b","), np.float32, sep=",").reshape(-1, 784)
    scores = 1 / (1 + np.exp(-(rows @ WEIGHTS)))
    return json.dumps({"predictions": [{"score": float(s), "predicted_label": float(s >= 0.5)} for s in scores]}).encode()

async def asgi(scope, receive, send):
    if scope["type"] != "http":
        return
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    answer = b"" if scope["path"] == "/ping" else predict(body)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json"),
               (b"content-length", str(len(answer)).encode())]})
    await send({"type": "http.response.body", "body": answer})

try:
    import flask
    flask_app = flask.Flask("peer")

    @flask_app.get("/ping")
    def ping():
        return ""

    @flask_app.post("/invocations")
    def invocations():
        return flask.Response(predict(flask.request.get_data()), content_type="application/json")
except ImportError:
    pass
'''
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
IMAGE = "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1"


def memory_of(process):
    """A process's largest resident size, and what of its present one is its own (not pages of the program's file), in bytes."""
    with open(f"/proc/{process}/status") as stream:
        text = stream.read()
    return tuple(int(re.search(name + r":\s+(\d+)", text)[1]) * 1024 for name in ("VmHWM", "RssAnon"))


class Ours:
    """An endpoint with lab 1's model in a world of its own."""
    name = "sagebrush"

    def __init__(self, program, folder):
        self.program, self.environment = program, dict(os.environ, SAGEBRUSH_WORLD=os.path.join(folder, "world"))
        data = os.path.join(folder, "data")
        self.run("dataset", "export", "mnist", data, "--label-is", "0")
        self.aws("s3", "mb", "s3://bench-serve")
        self.aws("s3", "cp", os.path.join(data, "recordio-pb-data"), "s3://bench-serve/train/", "--no-progress")
        self.aws("iam", "create-role", "--role-name", "bench", "--assume-role-policy-document", json.dumps(TRUST))
        for policy in ("AmazonSageMakerFullAccess", "AmazonS3FullAccess"):
            self.aws("iam", "attach-role-policy", "--role-name", "bench", "--policy-arn", "arn:aws:iam::aws:policy/" + policy)
        role = "arn:aws:iam::123456789012:role/bench"
        self.sagemaker("create-training-job", TrainingJobName="bench", RoleArn=role,
                       AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
                       InputDataConfig=[{"ChannelName": "train", "DataSource": {"S3DataSource": {
                           "S3DataType": "S3Prefix", "S3Uri": "s3://bench-serve/train"}}}],
                       OutputDataConfig={"S3OutputPath": "s3://bench-serve/output"},
                       ResourceConfig={"InstanceType": "ml.c4.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10},
                       StoppingCondition={"MaxRuntimeInSeconds": 600},
                       HyperParameters={"feature_dim": "784", "predictor_type": "binary_classifier", "mini_batch_size": "200"})
        self.aws("sagemaker", "wait", "training-job-completed-or-stopped", "--training-job-name", "bench")
        self.sagemaker("create-model", ModelName="bench", ExecutionRoleArn=role, PrimaryContainer={
            "Image": IMAGE, "ModelDataUrl": "s3://bench-serve/output/bench/output/model.tar.gz"})
        self.sagemaker("create-endpoint-config", EndpointConfigName="bench", ProductionVariants=[{
            "VariantName": "all", "ModelName": "bench", "InitialInstanceCount": 1, "InstanceType": "ml.m4.xlarge"}])
        self.sagemaker("create-endpoint", EndpointName="bench", EndpointConfigName="bench")
        self.aws("sagemaker", "wait", "endpoint-in-service", "--endpoint-name", "bench")
        row = os.path.join(folder, "row.csv")
        with open(row, "w") as stream:
            stream.write(",".join(["0"] * 784))
        # The host starts at the first call.
        self.aws("sagemaker-runtime", "invoke-endpoint", "--endpoint-name", "bench", "--content-type", "text/csv", "--body",
                 "fileb://" + row, os.path.join(folder, "answer"))
        database = sqlite3.connect(f"file:{folder}/world/world.sqlite?mode=ro", uri=True)
        self.address, self.process = database.execute("SELECT address, pid FROM host_process WHERE address IS NOT NULL").fetchone()
        database.close()

    def run(self, *words):
        done = subprocess.run([self.program, *words], env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"bench: {' '.join(words[:4])}: {done.stderr.strip()}")
        return done.stdout

    def aws(self, *words):
        return self.run("aws", *words)

    def sagemaker(self, operation, **members):
        return self.aws("sagemaker", operation, "--cli-input-json", json.dumps(members))

    def memory(self):
        return memory_of(self.process)

    def stop(self):
        self.run("world", "reset", "--yes")


class Peer:
    """A Python server with one worker a processor."""

    def __init__(self, name, folder):
        self.name = {"uvicorn": "uvicorn", "gunicorn": "gunicorn + Flask"}[name]
        with open(os.path.join(folder, "peer.py"), "w") as stream:
            stream.write(PEER)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        workers = str(os.cpu_count())
        self.address = "127.0.0.1:" + port
        words = {"uvicorn": ["-m", "uvicorn", "peer:asgi", "--port", port, "--workers", workers, "--no-access-log", "--log-level", "warning"],
                 "gunicorn": ["-m", "gunicorn", "peer:flask_app", "--bind", self.address, "--workers", workers, "--worker-class", "gthread",
                              "--threads", "16", "--keep-alive", "60", "--log-level", "warning"]}[name]
        environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
        self.server = subprocess.Popen([sys.executable, *words], cwd=folder, env=environment, start_new_session=True)
        self.wait()

    def wait(self):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"http://{self.address}/ping", timeout=1).read()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"bench: {self.name} does not answer")

    def memory(self):
        """Of all its processes together."""
        sizes = []
        for process in os.listdir("/proc"):
            try:
                if process.isdigit() and os.getsid(int(process)) == self.server.pid:
                    sizes.append(memory_of(process))
            except (OSError, TypeError):
                continue
        return tuple(map(sum, zip(*sizes)))

    def stop(self):
        os.killpg(self.server.pid, 15)
        self.server.wait()


def load(address, connections, seconds, body, folder):
    """Requests a second and the median latency in microseconds, by wrk."""
    script = os.path.join(folder, "post.lua")
    with open(os.path.join(folder, "body.csv"), "w") as stream:
        stream.write(body)
    with open(script, "w") as stream:
        stream.write(f'local f = io.open("{folder}/body.csv"); wrk.method = "POST"; wrk.body = f:read("*a"); f:close()\n'
                     'wrk.headers["Content-Type"] = "text/csv"; wrk.headers["Accept"] = "application/json"\n')
    threads = min(connections, 2)
    done = subprocess.run(["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "--latency", "-s", script,
                           f"http://{address}/invocations"], capture_output=True, text=True)
    rate, latency = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout), re.search(r"50%\s+([\d.]+)(us|ms|s)", done.stdout)
    if not rate or not latency or "Non-2xx" in done.stdout:
        raise SystemExit(f"bench: wrk: {done.stdout}{done.stderr}")
    return float(rate[1]), float(latency[1]) * {"us": 1, "ms": 1e3, "s": 1e6}[latency[2]]


def main():
    parser = argparse.ArgumentParser()
    for name in ("ours", "json", "peers"):
        parser.add_argument("--" + name, default="")
    parser.add_argument("--seconds", type=int, default=3)
    options = parser.parse_args()
    row = ",".join("0" if index % 5 else f"{index % 256 / 255:.4f}" for index in range(784))
    tasks = [("one row, 16 connections", 16, row), ("one row, 1 connection", 1, row), ("1,000 rows, 2 connections", 2, "\n".join([row] * 1000))]
    report = {"task": "serving CSV", "machine": platform.processor() or platform.machine(), "rows": []}
    print(f"{'what':<26} {'who':<18} {'requests/s':>10} {'ratio':>7} {'p50 us':>8}  {'peak memory':>11} {'its own':>11}")
    ours = {}
    for name in ["", *options.peers.split()]:
        folder = tempfile.mkdtemp()
        server = Peer(name, folder) if name else Ours(options.ours, folder)
        try:
            for task, connections, body in tasks:
                load(server.address, connections, 1, body, folder)
                runs = [load(server.address, connections, options.seconds, body, folder) for _ in range(3)]
                rate, latency = statistics.median(run[0] for run in runs), statistics.median(run[1] for run in runs)
                ours.setdefault(task, rate)
                found = {"task": task, "name": server.name, "requests_per_second": rate, "latency_microseconds": latency,
                         "ratio": ours[task] / rate}
                found["peak_memory_bytes"], found["own_memory_bytes"] = server.memory()
                report["rows"].append(found)
                print(f"{task:<26} {server.name:<18} {rate:10.0f} {found['ratio']:7.2f} {latency:8.0f}  "
                      f"{found['peak_memory_bytes'] / 1e6:8.0f} MB {found['own_memory_bytes'] / 1e6:8.0f} MB", flush=True)
        finally:
            server.stop()
            shutil.rmtree(folder, ignore_errors=True)
    peers.write_report(options.json, report)


if __name__ == "__main__":
    main()
