# SPDX-License-Identifier: Apache-2.0
"""Compares `sagebrush aws` with the real AWS CLI, command by command; started by scripts/compare-with-aws-cli.

Each file NAME.commands runs in a fresh world on either side, in a folder of its own, line by line with bash:

    # a remark
    $ printf hello > a.txt       sets the scene: runs on both sides, must succeed, is not compared
    aws s3 cp a.txt s3://b/      compared: standard output, standard error, exit status
    ~ aws s3 sync d s3://b/      compared without regard to the order of lines (the real CLI prints transfers as they end)

A line that ends with a backslash goes on in the next. `aws` is the side's own; $SAGEBRUSH is the program, $ENDPOINT an address where
the side's world is served; every program has `set -o pipefail`.

The real CLI is started once and forks for each command: the same modules as /usr/bin/aws, without half a second of start.
"""

import argparse
import difflib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent

def read_table(name):
    """Patterns and what takes their place, one pair a line with a tab between."""
    rows = [line.split("\t") for line in (HERE / name).read_text().split("\n") if line and not line.startswith("#")]
    return [(row[0], re.sub(r"\$(\d)", r"\\\1", row[1] if len(row) > 1 else "").replace("\\n", "\n")) for row in rows]


# What changes from one run to the next, or from one world to the other; applied to both sides' output and errors.
VOLATILE = read_table("volatile")

# Texts that the two versions word differently, brought to one form: the older CLI's, and ours which is 2.36's.
OLDER = [
    # Usage comes first, then `aws: error: `; later the other way round.
    (r"(?s)^\nusage: aws \[options\].*?\naws: error: (.*?)\n*$", r"\n\1\n\n<usage>\n"),
    (r"(?s)^\nusage: aws \[options\] <command>.*?\n\n(Unknown options: .*)\n\n$", r"\n<usage>\n\n\1\n"),
    (r"(?s)(argument [\w-]+): Invalid choice, valid choices are:.*?Invalid choice: '(.*?)', maybe you meant:\n\n", r"\1: Found invalid choice '\2'\n\n"),
    (r"(?s)(argument [\w-]+): Invalid choice, valid choices are:.*?(?=\n\n<usage>)", r"\1: Found invalid choice"),
    (r"aws: error: too few arguments", "too few arguments"),
    (r'You can configure credentials by running "aws configure"', 'You can configure credentials by running "aws login"'),
]
NEWER = [
    (r"aws: \[ERROR\]: ", ""),
    (r"An error occurred \(ParamValidation\): ", ""),
    (r"An error occurred \((NoRegion|NoCredentials|Configuration\w*)\): ", ""),
    (r"\n\nAdditional error details:\n(.*: .*\n)+", "\n"),
    (r"(?s)\n\nusage: aws \[options\] <command>.*$", "\n\n<usage>\n"),
    (r"(?s)^\nusage: aws \[options\] <command>.*?\n\n\n(Unknown options: .*)\n$", r"\n<usage>\n\n\1\n"),
    (r"Found invalid choice '[^']*'\n(?!\nMaybe)", "Found invalid choice\n"),
    (r"Maybe you meant:\n\n", ""),
    (r"\n+<usage>\n*$", "\n\n<usage>\n"),
    (r"usage: aws \[options\] [\w ]+ <subcommand> \[parameters\]\ntoo few arguments\n*$", "too few arguments\n\n<usage>\n"),
    (r"^warning: Non-positive values for --max-items may result in undefined behavior\.\n", ""),
    # The text that cannot be read is indented by one since.
    (r"(Expected: .*, received: .* for input:\n) ", r"\1"),
]
# Members that only one version's tables have: what is listed after these words is not compared.
TABLES = [(r"must be one of: .*", "must be one of: <members>")]


def substitute(rules, text):
    for pattern, replacement in rules:
        text = re.sub(pattern, replacement, text)
    return text


class RealCLI:
    """The real CLI, its modules loaded once (real_cli.py): forks a process for each command that bash starts on its side."""

    def __init__(self, folder, python):
        self.path = f"{folder}/real.socket"
        self.process = subprocess.Popen([python, str(HERE / "real_cli.py"), self.path], stdout=subprocess.PIPE, text=True)
        self.version = self.process.stdout.readline().strip()
        if not self.version:
            raise SystemExit(f"{python} has no AWS CLI")
        print(f"The real CLI is aws-cli {self.version}.")

    @property
    def is_older(self):
        """True before 2.34, where the texts of errors changed."""
        return tuple(int(part) for part in self.version.split(".")[:2]) < (2, 34)

    def stop(self):
        self.process.terminate()
        self.process.wait()


# The `aws` of the real side: hands its words and streams to the process above.
REAL_CLIENT = """#!/usr/bin/python3 -IS
import _socket, array, os, sys
def quoted(text):
    out = '"'
    for character in text:
        out += "\\\\u%04x" % ord(character) if character in '"\\\\' or ord(character) < 32 else character
    return out + '"'
words = "[" + ",".join(quoted(w) for w in (["--endpoint-url", os.environ["ENDPOINT"]] if "ENDPOINT" in os.environ else []) + sys.argv[1:]) + "]"
variables = "{" + ",".join(quoted(k) + ":" + quoted(v) for k, v in os.environ.items()) + "}"
connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
connection.connect("@PATH@")
message = '{"words":' + words + ',"environment":' + variables + ',"folder":' + quoted(os.getcwd()) + "}"
connection.sendmsg([message.encode("utf-8", "surrogateescape")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
answer = b""
while not answer.endswith(b"\\n"):
    piece = connection.recv(100)
    if not piece:
        break
    answer += piece
os._exit(int(answer or b"70") & 255)
"""


class Side:
    """One world with a folder to work in, and the `aws` that its commands find."""

    def __init__(self, kind, folder, program, real):
        self.kind, self.folder, self.program, self.is_older = kind, pathlib.Path(folder), program, real.is_older
        self.work = self.folder / "work"
        self.server = None
        for name in ["work", "bin", "home"]:
            (self.folder / name).mkdir(parents=True)
        world = str(self.folder / "world")
        self.environment = {
            "PATH": f"{self.folder}/bin:/usr/local/bin:/usr/bin:/bin", "HOME": str(self.folder / "home"), "LANG": "C.UTF-8", "TZ": "UTC",
            "SAGEBRUSH": program, "SAGEBRUSH_WORLD": world, "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": f"{world}/aws/config", "AWS_SHARED_CREDENTIALS_FILE": f"{world}/aws/credentials",
        }
        aws = self.folder / "bin" / "aws"
        if kind == "real":
            aws.write_text(REAL_CLIENT.replace("@PATH@", real.path))
        else:
            prefix = ' --endpoint-url "$ENDPOINT"' if kind == "remote" else ""
            aws.write_text(f'#!/bin/sh\nexec "$SAGEBRUSH" aws{prefix} "$@"\n')
        aws.chmod(0o755)
        # Makes the world.
        subprocess.run([program, "clock"], env=self.environment, stdout=subprocess.DEVNULL, check=True)
        if kind != "ours":
            self.serve()

    def serve(self):
        self.server = subprocess.Popen(
            [self.program, "serve", "--port", "0"], env=self.environment, cwd=self.folder, stderr=subprocess.PIPE, text=True)
        address = re.search(r"http://\S+", self.server.stderr.readline() or "")
        if not address:
            raise SystemExit("sagebrush serve did not start")
        # Roles of profiles are assumed there too.
        self.environment["ENDPOINT"] = self.environment["AWS_ENDPOINT_URL_STS"] = address.group()
        threading.Thread(target=self.server.stderr.read, daemon=True).start()

    def run(self, line):
        done = subprocess.run(
            ["/bin/bash", "-o", "pipefail", "-c", line], env=self.environment, cwd=self.work, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        return (
            done.returncode, self.normal(done.stdout.decode(errors="replace")), self.normal(done.stderr.decode(errors="replace"), True))

    def normal(self, text, is_error=False):
        text = text.replace(str(self.folder), "<side>")
        if "ENDPOINT" in self.environment:
            # Where objects are is the client's own address: the service's, or the one it was told.
            text = re.sub(re.escape(self.environment["ENDPOINT"]) + r"/([a-z0-9.-]+)/", r"https://\1.s3.us-east-1.amazonaws.com/", text)
        if self.is_older:
            if is_error:
                text = substitute(OLDER if self.kind == "real" else NEWER, text)
            text = substitute(TABLES, text)
        return substitute(VOLATILE, text)

    def stop(self):
        if self.server:
            self.server.terminate()
            self.server.wait()
        subprocess.run([self.program, "world", "reset", "--yes"], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def read_commands(path):
    lines, waiting = [], ""
    for number, line in enumerate(path.read_text().split("\n"), 1):
        if line.endswith("\\"):
            waiting += line[:-1] + "\n" if waiting.startswith("$") else line[:-1]
            continue
        line, waiting = waiting + line, ""
        if line.strip() and not line.startswith("#"):
            lines.append((number, line))
    return lines


def compare(path, sides, arguments):
    """Runs one file; how many commands were compared and how many differ."""
    known = (HERE / "known-differences").read_text().split("\n") if sides[0].is_older else []
    known = [line.split("\t")[0] for line in known if line and not line.startswith("#")]
    count, differing, spared = 0, 0, 0
    transcript = Transcript(arguments.record, path.stem) if arguments.record else None
    for number, line in read_commands(path):
        scene, unordered = line.startswith("$ "), line.startswith("~ ")
        command = line[2:] if scene or unordered else line
        if arguments.grep and not scene and not re.search(arguments.grep, command):
            continue
        results = [None, None]

        def work(index):
            results[index] = sides[index].run(command)

        threads = [threading.Thread(target=work, args=(index,)) for index in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if None in results:
            print(f"{path.name}:{number}: did not end: {command}")
            differing += 1
            continue
        if transcript:
            transcript.add(line, results[0])
        if scene:
            for side, (status, _, error) in zip(sides, results):
                if status != 0:
                    print(f"{path.name}:{number}: {side.kind}: status {status} of: {command}\n{error}")
                    differing += 1
            continue
        count += 1
        if unordered:
            results = [(status, "\n".join(sorted(out.split("\n"))), "\n".join(sorted(error.split("\n")))) for status, out, error in results]
        if results[0] == results[1]:
            if arguments.verbose:
                print(f"{path.name}:{number}: {results[0][0]} {command}")
            continue
        if any(re.search(pattern, command) for pattern in known):
            spared += 1
            continue
        differing += 1
        report(f"{path.name}:{number}", command, sides, results)
    return count, differing, spared


class Transcript:
    """What the real CLI said, for the test that replays it (Tests/Transcripts/README.md has the format)."""

    def __init__(self, folder, name):
        self.path = pathlib.Path(folder) / name / "session.txt"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(
            f"# Recorded from the real CLI by scripts/compare-with-aws-cli --record, out of scripts/compare/{name}.commands.\n")

    def add(self, line, result):
        status, output, errors = result
        scene, unordered = line.startswith("$ "), line.startswith("~ ")
        lines = ["", ("% " if scene else "~ " if unordered else "$ ") + (line[2:] if scene or unordered else line).replace("\n", "\\\n")]
        if not scene:
            for mark, text in (("|", output), ("!", errors)):
                if unordered:
                    text = "".join(line + "\n" for line in sorted(text.split("\n")[:-1]))
                lines += [f"{mark} {part}".rstrip() for part in text.removesuffix("\n").split("\n") if text]
            lines.append(f"= {status}")
        with self.path.open("a") as file:
            file.write("\n".join(lines) + "\n")


def report(place, command, sides, results):
    print(f"\n{place}: {command}")
    for name, real, ours in zip(["status", "output", "errors"], results[0], results[1]):
        if real == ours:
            continue
        if name == "status":
            print(f"    status {real} of the real CLI, {ours} of ours")
        else:
            names = (f"{name} of the real CLI", f"{name} of ours")
            lines = difflib.unified_diff(real.split("\n"), ours.split("\n"), *names, lineterm="", n=1)
            print("\n".join("    " + line[:240] for line in list(lines)[:40]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--program", required=True)
    parser.add_argument("--python", default="/usr/bin/python3")
    parser.add_argument("--remote", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--record", help="a folder for transcripts of the real CLI's side: Tests/Transcripts")
    parser.add_argument("--grep", help="only commands that match, besides those that set the scene")
    arguments = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True, errors="replace")
    program = os.path.abspath(arguments.program)
    paths = [HERE / f"{name}.commands" for name in arguments.names] or sorted(HERE.glob("*.commands"))
    folder = tempfile.mkdtemp(prefix="sagebrush-compare-")
    real = RealCLI(folder, arguments.python)
    total, differing, spared = 0, 0, 0
    try:
        for path in paths:
            kinds = ["real", "remote" if arguments.remote else "ours"]
            # Equal paths' lengths: they show in tables.
            sides = [Side(kind, f"{folder}/{path.stem}/{letter}", program, real) for kind, letter in zip(kinds, "ab")]
            try:
                result = compare(path, sides, arguments)
            finally:
                for side in sides:
                    side.stop()
            print(f"{path.stem}: {result[0]} commands, {result[1]} differ, {result[2]} of them known" if result[2] else
                  f"{path.stem}: {result[0]} commands, {result[1]} differ")
            total, differing, spared = total + result[0], differing + result[1], spared + result[2]
    finally:
        real.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{total} commands, {differing} differ, {spared} differ as known")
    sys.exit(1 if differing else 0)


main()
