# SPDX-License-Identifier: Apache-2.0
"""The real AWS CLI behind a socket: its modules are loaded once, each request runs in a process forked from here.

Started by compare.py as `real_cli.py SOCKET`; prints the CLI's version when it listens. A request is the words, the environment and the
folder as JSON, with the three standard streams; the answer is the exit status.
"""

import json
import os
import signal
import socket
import sys
import time

import awscli.clidriver


def main():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen(16)
    print(awscli.__version__, flush=True)
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            run(connection)
        connection.close()


def run(connection):
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    message, descriptors, _, _ = socket.recv_fds(connection, 1 << 20, 3)
    request = json.loads(message)
    for target, descriptor in enumerate(descriptors):
        os.dup2(descriptor, target)
    # The one variable that the modules set when they are loaded.
    data = os.environ["AWS_DATA_PATH"]
    os.environ.clear()
    os.environ.update(request["environment"], AWS_DATA_PATH=data)
    time.tzset()
    os.chdir(request["folder"])
    sys.argv = ["aws"] + request["words"]
    for name, descriptor, mode in [("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")]:
        setattr(sys, name, open(descriptor, mode, encoding="utf-8", closefd=False, errors="surrogateescape"))
    try:
        status = awscli.clidriver.main() or 0
    except SystemExit as end:
        status = end.code or 0
    sys.stdout.flush()
    sys.stderr.flush()
    connection.sendall(f"{status}\n".encode())
    os._exit(0)


main()
