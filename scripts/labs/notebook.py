# SPDX-License-Identifier: Apache-2.0
"""Drives a notebook instance in headless Chromium, through the DevTools protocol: notebook.py run|look URL PROFILE SCREENSHOT.

`run` writes a notebook, runs its cells with Shift+Enter, and waits for what they print; `look` waits for what was printed before.
"""

import base64
import json
import os
import subprocess
import sys
import time
import urllib.request

import websocket

CELLS = [
    "import boto3\nprint('caller', boto3.client('sts').get_caller_identity()['Arn'])",
    "import numpy, sagemaker\nfrom sagemaker import LinearLearner\n"
    "numbers = numpy.random.default_rng(1).random((2000, 10)).astype('float32')\n"
    "labels = (numbers[:, 0] + numbers[:, 1] > 1).astype('float32')\n"
    "learner = LinearLearner(role=sagemaker.get_execution_role(), instance_count=1, instance_type='ml.m4.xlarge',\n"
    "                        predictor_type='binary_classifier', epochs=5)\n"
    "learner.fit(learner.record_set(numbers, labels), mini_batch_size=200, logs=False)\n"
    "predictor = learner.deploy(initial_instance_count=1, instance_type='ml.m4.xlarge')\n"
    "found = [answer.label['predicted_label'].float32_tensor.values[0] for answer in predictor.predict(numbers[:500])]\n"
    "predictor.delete_endpoint()\n"
    "print('right', (numpy.array(found) == labels[:500]).mean() > .95)",
]
EXPECTED = ["caller arn:aws:sts::", "right True"]
LONGEST_WAIT_SECONDS = 240


class Browser:
    """A page of Chromium's."""

    def __init__(self, profile):
        command = ["chromium", "--headless=new", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0",
                   "--remote-allow-origins=*", "--window-size=1280,900", f"--user-data-dir={profile}", "about:blank"]
        if os.geteuid() == 0:
            command.insert(1, "--no-sandbox")
        path = os.path.join(profile, "DevToolsActivePort")
        if os.path.exists(path):
            os.remove(path)
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait(lambda: os.path.exists(path) and open(path).read().count("\n") >= 1, "Chromium's port")
        port = open(path).read().split("\n")[0]
        pages = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json"))
        address = next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")
        self.socket = websocket.create_connection(address)
        self.number = 0

    def call(self, method, **parameters):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.number:
                return message.get("result", {})

    def evaluate(self, text):
        result = self.call("Runtime.evaluate", expression=text, awaitPromise=True, returnByValue=True)
        return result.get("result", {}).get("value")

    def press_shift_enter(self):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13, modifiers=8)

    def screenshot(self, path):
        data = self.call("Page.captureScreenshot").get("data", "")
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def close(self):
        self.call("Browser.close")
        self.process.wait()


def wait(condition, what):
    end = time.monotonic() + LONGEST_WAIT_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"notebook: waited in vain for {what}")
        time.sleep(0.2)


def write_notebook(browser):
    notebook = {
        "nbformat": 4, "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "conda_python3", "display_name": "conda_python3", "language": "python"}},
        "cells": [{"cell_type": "code", "id": f"cell{number}", "metadata": {}, "outputs": [], "execution_count": None, "source": text}
                  for number, text in enumerate(CELLS)],
    }
    body = json.dumps({"type": "notebook", "format": "json", "content": notebook})
    status = browser.evaluate(
        "(async () => { const settings = JSON.parse(document.getElementById('jupyter-config-data').textContent);"
        "const answer = await fetch('/api/contents/lab1.ipynb', {method: 'PUT', headers: {Authorization: 'token ' + settings.token},"
        f"body: {json.dumps(body)}}}); return answer.status }})()")
    if status not in (200, 201):
        raise SystemExit(f"notebook: writing the notebook answered {status}")


def printed(browser):
    return browser.evaluate(
        "[...document.querySelectorAll('.jp-OutputArea-output')].map(output => output.textContent).join('\\n')") or ""


def main(what, url, profile, screenshot):
    browser = Browser(profile)
    try:
        browser.call("Page.navigate", url=url)
        wait(lambda: browser.evaluate("!!document.querySelector('#jp-main-dock-panel')"), "JupyterLab")
        if what == "run":
            write_notebook(browser)
        root = browser.evaluate("location.origin")
        browser.call("Page.navigate", url=root + "/lab/tree/lab1.ipynb?reset")
        wait(lambda: browser.evaluate("document.querySelectorAll('.jp-Notebook .jp-CodeCell').length") >= len(CELLS), "the cells")
        if what == "run":
            wait(lambda: browser.evaluate("!!document.querySelector('.jp-NotebookPanel [data-status=idle]')"
                                          " || /Idle/.test(document.body.textContent)"), "the kernel")
            browser.evaluate("document.querySelector('.jp-Notebook .jp-CodeCell .cm-content').focus()")
            for expected in EXPECTED:
                browser.press_shift_enter()
                wait(lambda: expected in printed(browser), f"{expected!r}; there is: {printed(browser)[-500:]}")
            browser.call("Page.bringToFront")
            for kind in ("keyDown", "keyUp"):
                browser.call("Input.dispatchKeyEvent", type=kind, key="s", code="KeyS", windowsVirtualKeyCode=83, modifiers=2)
            wait(lambda: not browser.evaluate("!!document.querySelector('.jp-mod-dirty')"), "the notebook to be saved")
        wait(lambda: all(expected in printed(browser) for expected in EXPECTED), "what the cells print")
        browser.screenshot(screenshot)
    finally:
        browser.close()


main(*sys.argv[1:])
