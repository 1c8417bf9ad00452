# SPDX-License-Identifier: Apache-2.0
"""S3 and control-plane calls over HTTP: Sagebrush beside moto's server. Run by scripts/bench.

Objects go over raw keep-alive connections with requests that were signed before the clock runs, so that the client costs little and the
same for everybody. Ours keeps bodies on disk, moto keeps them in memory. Every number is the best of three rounds.
"""
import argparse
import hashlib
import hmac
import http.client
import json
import os
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from urllib.parse import quote

KEY, SECRET, REGION = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1"
ROUNDS = 3


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def signed(method, path, port, query="", length=None, headers=None):
    """The bytes of a request's head, signed with version 4 and an unsigned payload."""
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    fields = {"host": f"127.0.0.1:{port}", "x-amz-content-sha256": "UNSIGNED-PAYLOAD", "x-amz-date": now, **(headers or {})}
    names = ";".join(sorted(fields))
    canonical = "\n".join([method, path, query, *(f"{n}:{fields[n]}" for n in sorted(fields)), "", names, "UNSIGNED-PAYLOAD"])
    scope = f"{now[:8]}/{REGION}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for part in (now[:8], REGION, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    fields["authorization"] = f"AWS4-HMAC-SHA256 Credential={KEY}/{scope}, SignedHeaders={names}, Signature={signature}"
    if length is not None:
        fields["content-length"] = str(length)
    target = path + ("?" + query if query else "")
    return (f"{method} {target} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in fields.items()) + "\r\n").encode()


class Connection:
    """One keep-alive connection that reads answers by their length."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        self.block = bytearray(1 << 20)

    def exchange(self, request, body=b""):
        self.socket.sendall(request + body if len(body) <= 65536 else request)
        if len(body) > 65536:
            self.socket.sendall(body)
        return self.answer()

    def answer(self, keep=False):
        while (end := self.buffer.find(b"\r\n\r\n")) < 0:
            self.fill()
        head = bytes(self.buffer[:end]).lower()
        del self.buffer[:end + 4]
        status = int(head[9:12])
        at = head.find(b"content-length:")
        left = int(head[at + 15:].split(b"\r\n", 1)[0]) if at >= 0 and status != 204 else 0
        content = []
        while left > 0:
            if self.buffer:
                piece = self.buffer[:left]
                del self.buffer[:left]
                left -= len(piece)
                if keep:
                    content.append(bytes(piece))
            else:
                count = self.socket.recv_into(self.block, min(left, len(self.block)))
                if count == 0:
                    raise EOFError
                left -= count
                if keep:
                    content.append(bytes(self.block[:count]))
        if status >= 300:
            raise RuntimeError(f"status {status}: {head[:200]}")
        return b"".join(content)

    def fill(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise EOFError
        self.buffer += piece


class Server:
    def __init__(self, name, ours):
        self.name, self.port = name, free_port()
        self.folder = tempfile.mkdtemp(prefix="sagebrush-bench-")
        if name == "sagebrush":
            self.command = [ours, "serve", "--world", self.folder + "/world", "--port", str(self.port)]
            self.path = "/health"
            subprocess.run([ours, "world", "new", "--world", self.folder + "/world"], check=True, stdout=subprocess.DEVNULL)
        else:
            self.command = [sys.executable, "-m", "moto.server", "-p", str(self.port)]
            self.path = "/moto-api/data.json"
        self.process = None

    def start(self):
        """Starts it; returns the seconds up to the first answer."""
        begin = time.perf_counter()
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", self.path)
                connection.getresponse().read()
                return time.perf_counter() - begin
            except OSError:
                time.sleep(0.0005)

    def peak_mebibytes(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def best(measure):
    return max(measure() for _ in range(ROUNDS))


def rate(port, requests, body=b""):
    """Requests a second over one connection."""
    connection = Connection(port)
    begin = time.perf_counter()
    for request in requests:
        connection.exchange(request, body)
    return len(requests) / (time.perf_counter() - begin)


def rate_of_many(port, requests, body, count):
    """Requests a second over several connections at once."""
    selector, todo = selectors.DefaultSelector(), iter(requests)
    connections = [Connection(port) for _ in range(count)]
    begin = time.perf_counter()
    open_count = 0
    for connection in connections:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        if (request := next(todo, None)) is not None:
            connection.socket.sendall(request + body)
            open_count += 1
    while open_count:
        for key, _ in selector.select():
            key.data.answer()
            if (request := next(todo, None)) is not None:
                key.data.socket.sendall(request + body)
            else:
                open_count -= 1
    return len(requests) / (time.perf_counter() - begin)


def objects(port, result):
    Connection(port).exchange(signed("PUT", "/bench-bucket", port, length=0))
    for name, size, count in (("1 KB", 1024, 2000), ("1 MB", 1 << 20, 100), ("64 MB", 64 << 20, 4)):
        body = os.urandom(size)
        prefix = quote(f"/bench-bucket/{name}/")

        def puts():
            return [signed("PUT", f"{prefix}{i}", port, length=size) for i in range(count)]

        def gets():
            return [signed("GET", f"{prefix}{i}", port) for i in range(count)]

        put, get = best(lambda: rate(port, puts(), body)), best(lambda: rate(port, gets()))
        if size == 1024:
            result["1 KB put, a second"], result["1 KB get, a second"] = put, get
            result["1 KB put, a second, 32 connections"] = best(lambda: rate_of_many(port, puts(), body, 32))
            result["1 KB get, a second, 32 connections"] = best(lambda: rate_of_many(port, gets(), b"", 32))
        else:
            result[f"{name} put, MB/s"], result[f"{name} get, MB/s"] = put * size / 1e6, get * size / 1e6


def listing(port, keys, result):
    Connection(port).exchange(signed("PUT", "/list-bucket", port, length=0))
    for first in range(0, keys, 5000):
        requests = [signed("PUT", f"/list-bucket/key-{i:08}", port, length=0) for i in range(first, min(keys, first + 5000))]
        rate_of_many(port, requests, b"", 8)

    def once():
        connection, token, seen = Connection(port), None, 0
        begin = time.perf_counter()
        while True:
            query = (f"continuation-token={quote(token, safe='')}&" if token else "") + "list-type=2"
            connection.socket.sendall(signed("GET", "/list-bucket", port, query=query))
            text = connection.answer(keep=True)
            seen += text.count(b"<Key>")
            if b"<NextContinuationToken>" not in text:
                break
            token = text.split(b"<NextContinuationToken>")[1].split(b"<")[0].decode()
        if seen != keys:
            raise RuntimeError(f"{seen} of {keys} keys were listed")
        return 1 / (time.perf_counter() - begin)

    result[f"list of {keys} keys, seconds"] = 1 / best(once)


def control(port, result):
    import boto3
    session = boto3.Session(aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name=REGION)

    def client(service):
        return session.client(service, endpoint_url=f"http://127.0.0.1:{port}")

    iam, sts, s3 = client("iam"), client("sts"), client("s3")
    iam.create_user(UserName="bench")
    calls = [
        ("sts get_caller_identity", sts.get_caller_identity), ("iam get_user", lambda: iam.get_user(UserName="bench")),
        ("s3 head_bucket", lambda: s3.head_bucket(Bucket="bench-bucket")),
    ]
    for name, call in calls:
        times = []
        for _ in range(300):
            begin = time.perf_counter()
            call()
            times.append(time.perf_counter() - begin)
        result[f"boto3 {name}, ms median"] = statistics.median(times) * 1000


def measure(name, ours, keys):
    server, result = Server(name, ours), {}
    try:
        starts = []
        for _ in range(5):
            starts.append(server.start())
            server.stop()
        result["start to first answer, ms median"] = statistics.median(starts) * 1000
        server.start()
        objects(server.port, result)
        control(server.port, result)
        listing(server.port, keys, result)
        result["peak memory, MiB"] = server.peak_mebibytes()
    finally:
        server.stop()
        server.remove()
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ours", required=True)
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--peers", default="")
    parser.add_argument("--json", required=True)
    options = parser.parse_args()
    results = {name: measure(name, options.ours, options.keys) for name in ["sagebrush", *options.peers.split()]}
    names = list(results)
    print(f"{'':40}" + "".join(f"{name:>14}" for name in names))
    for row in results[names[0]]:
        print(f"{row:40}" + "".join(f"{results[name].get(row, float('nan')):14.2f}" for name in names))
    with open(options.json, "w") as stream:
        json.dump({"cores": os.cpu_count(), "results": results}, stream, indent=1)


if __name__ == "__main__":
    main()
