# SPDX-License-Identifier: Apache-2.0
"""Training jobs on one host and on two, each host with one thread: records a second and scaling efficiency."""

import argparse
import json
import os
import re
import shlex
import subprocess
import tempfile

ACCOUNT = "382416733822.dkr.ecr.us-east-1.amazonaws.com"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}]})

# Image, channel, records that all hosts together take a step, other hyperparameters, and whether a host's throughput and its mini-batch
# count all hosts' records.
ALGORITHMS = {
    "linear-learner": ("train", 1000, "predictor_type=multiclass_classifier,num_classes=10,feature_dim=784,epochs=4", False, True),
    "kmeans": ("train", 5000, "k=10,feature_dim=784,epochs=4", False, False),
    "convolutional-network": ("training", 100, "epochs=1,training_steps=600", True, True),
}


class World:
    """A world of its own with MNIST in a bucket and a role."""

    def __init__(self, program, folder, data):
        self.program = program
        self.environment = dict(os.environ, SAGEBRUSH_WORLD=f"{folder}/world")
        self.run("dataset", "export", "mnist", f"{folder}/data", "--full", data)
        self.role = self.aws("iam", "create-role", "--role-name", "scaling", "--assume-role-policy-document", TRUST,
                             "--query", "Role.Arn", "--output", "text").strip()
        self.aws("iam", "attach-role-policy", "--role-name", "scaling",
                 "--policy-arn", "arn:aws:iam::aws:policy/AdministratorAccess")
        self.aws("s3", "mb", "s3://scaling-bench")
        self.aws("s3", "cp", f"{folder}/data/recordio-pb-data", "s3://scaling-bench/train/data", "--no-progress")
        self.jobs = 0

    def run(self, *words, cores=None):
        bound = ["taskset", "-c", cores] if cores else []
        done = subprocess.run(bound + self.program + list(words), env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"bench: {' '.join(words[:4])} failed: {done.stderr.strip()}")
        return done.stdout

    def aws(self, *words, cores=None):
        return self.run("aws", *words, cores=cores)

    def records_per_second(self, algorithm, hosts, batch):
        """Trains once; the median over the epochs of all hosts' records a second together."""
        channel, _, settings, counts_all, shares_batch = ALGORITHMS[algorithm]
        self.jobs += 1
        name = f"scaling-{self.jobs}"
        source = "DataSource={S3DataSource={S3DataType=S3Prefix,S3Uri=s3://scaling-bench/train,S3DataDistributionType=FullyReplicated}}"
        # One host has as many threads as it may use cores, two share the machine's.
        self.aws("sagemaker", "create-training-job", "--training-job-name", name, "--role-arn", self.role,
                 "--algorithm-specification", f"TrainingImage={ACCOUNT}/{algorithm}:1,TrainingInputMode=File",
                 "--input-data-config", f"ChannelName={channel},{source}",
                 "--output-data-config", "S3OutputPath=s3://scaling-bench/output",
                 "--stopping-condition", "MaxRuntimeInSeconds=3600",
                 "--resource-config", f"InstanceType=ml.c4.xlarge,InstanceCount={hosts},VolumeSizeInGB=5",
                 "--hyper-parameters", f"{settings},mini_batch_size={batch if shares_batch else batch // hosts}", cores="0" if hosts == 1 else "0,1")
        self.aws("sagemaker", "wait", "training-job-completed-or-stopped", "--training-job-name", name)
        lines = json.loads(self.aws(
            "logs", "filter-log-events", "--log-group-name", "/aws/sagemaker/TrainingJobs",
            "--log-stream-name-prefix", f"{name}/algo-", "--query", "events[].message", "--output", "json"))
        found = {}
        for line in lines:
            match = re.search(r"#throughput_metric: host=(\S+), train throughput=(\S+) records", line)
            if match:
                found.setdefault(match[1], []).append(float(match[2]))
        medians = [sorted(values)[len(values) // 2] for values in found.values()]
        return medians[0] if counts_all else sum(medians)


def main():
    parser = argparse.ArgumentParser()
    for option in ("ours", "data", "json"):
        parser.add_argument(f"--{option}", required=True)
    parser.add_argument("--repetitions", type=int, default=3)
    options = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        world = World(shlex.split(options.ours), folder, options.data)
        try:
            print(f"{'algorithm':24}{'1 host':>12}{'2, strong':>12}{'2, weak':>12}{'strong':>9}{'weak':>9}   records/s, efficiency")
            for algorithm, (_, batch, _, _, _) in ALGORITHMS.items():
                best = {}
                for _ in range(options.repetitions):
                    for kind, hosts, size in (("one", 1, batch), ("strong", 2, batch), ("weak", 2, 2 * batch)):
                        best[kind] = max(best.get(kind, 0), world.records_per_second(algorithm, hosts, size))
                efficiency = {kind: best[kind] / (2 * best["one"]) for kind in ("strong", "weak")}
                results.append({"algorithm": algorithm, "recordsPerSecond": best, "efficiency": efficiency})
                print(f"{algorithm:24}{best['one']:12.0f}{best['strong']:12.0f}{best['weak']:12.0f}"
                      f"{efficiency['strong']:9.1%}{efficiency['weak']:9.1%}", flush=True)
        finally:
            world.run("world", "reset", "--yes")
    with open(options.json, "w") as file:
        json.dump(results, file, indent=2)


main()
