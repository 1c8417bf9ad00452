# SPDX-License-Identifier: Apache-2.0
"""Lab 2's convolutional network on MNIST: Sagebrush beside PyTorch and TensorFlow. Run by scripts/bench.

The same network (conv 32, conv 64, dense 1024, dropout .4, dense 10), batches of 100, Adam with rate .001, float32. The first repetition
is an epoch over 60,000 images, which gives the accuracy; the others take 10,000. Then the 10,000 test images, 100 at a time.
"""
import json
import os
import time

import numpy as np

import peers

BATCH = 100


def report(name, images, seconds, accuracy, inference_seconds):
    print(json.dumps({"name": name, "images": images, "seconds": seconds, "images_per_second": images / seconds,
                      "accuracy": accuracy, "inference_images_per_second": 10000 / inference_seconds}), flush=True)


def run_torch(folder, threads, repetitions):
    import torch
    from torch import nn
    torch.set_num_threads(threads)
    images, labels, test, test_labels = peers.mnist(folder)
    form = dict(memory_format=torch.channels_last)
    x = torch.from_numpy(images).reshape(-1, 1, 28, 28).contiguous(**form)
    t = torch.from_numpy(test).reshape(-1, 1, 28, 28).contiguous(**form)
    y = torch.from_numpy(labels.astype(np.int64))
    for repetition in range(repetitions):
        torch.manual_seed(repetition)
        network = nn.Sequential(
            nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(3136, 1024), nn.ReLU(), nn.Dropout(0.4), nn.Linear(1024, 10)).to(**form)
        optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
        loss = nn.CrossEntropyLoss()
        count = len(y) if repetition == 0 else 10000
        order = torch.randperm(len(y))[:count]
        network.train()
        start = time.perf_counter()
        for first in range(0, count, BATCH):
            rows = order[first:first + BATCH]
            optimizer.zero_grad(set_to_none=True)
            loss(network(x[rows]), y[rows]).backward()
            optimizer.step()
        seconds = time.perf_counter() - start
        network.eval()
        with torch.inference_mode():
            start = time.perf_counter()
            found = np.concatenate([network(t[first:first + BATCH]).softmax(1).argmax(1).numpy() for first in range(0, 10000, BATCH)])
            inference = time.perf_counter() - start
        report("torch", count, seconds, float(np.mean(found == test_labels)), inference)


def run_tensorflow(folder, threads, repetitions):
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    images, labels, test, test_labels = peers.mnist(folder)
    x, t, y = images.reshape(-1, 28, 28, 1), test.reshape(-1, 28, 28, 1), labels.astype(np.int32)
    for repetition in range(repetitions):
        tf.random.set_seed(repetition)
        layers = tf.keras.layers
        network = tf.keras.Sequential([
            layers.Input((28, 28, 1)), layers.Conv2D(32, 5, padding="same", activation="relu"), layers.MaxPool2D(2),
            layers.Conv2D(64, 5, padding="same", activation="relu"), layers.MaxPool2D(2), layers.Flatten(),
            layers.Dense(1024, activation="relu"), layers.Dropout(0.4), layers.Dense(10)])
        optimizer = tf.keras.optimizers.Adam(1e-3)
        optimizer.build(network.trainable_variables)
        loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)

        @tf.function
        def step(batch, target):
            with tf.GradientTape() as tape:
                value = loss(target, network(batch, training=True))
            variables = network.trainable_variables
            optimizer.apply_gradients(zip(tape.gradient(value, variables), variables))
            return value

        @tf.function
        def infer(batch):
            return tf.nn.softmax(network(batch, training=False))

        weights = network.get_weights()
        step(tf.constant(x[:BATCH]), tf.constant(y[:BATCH]))
        infer(tf.constant(t[:BATCH]))
        network.set_weights(weights)
        for variable in optimizer.variables[2:]:
            variable.assign(tf.zeros_like(variable))
        count = len(y) if repetition == 0 else 10000
        order = np.random.default_rng(repetition).permutation(len(y))[:count]
        start = time.perf_counter()
        for first in range(0, count, BATCH):
            rows = order[first:first + BATCH]
            step(tf.constant(x[rows]), tf.constant(y[rows]))
        seconds = time.perf_counter() - start
        start = time.perf_counter()
        found = np.concatenate([infer(tf.constant(t[first:first + BATCH])).numpy().argmax(1) for first in range(0, 10000, BATCH)])
        inference = time.perf_counter() - start
        report("tensorflow", count, seconds, float(np.mean(found == test_labels)), inference)


def describe(row, ours, limits):
    row["training_share"] = (OPERATIONS[0] + OPERATIONS[1]) * row["images_per_second"] / limits["flops"]
    row["inference_share"] = OPERATIONS[0] * row["inference_images_per_second"] / limits["flops"]
    row["ratio"] = ours["images_per_second"] / row["images_per_second"] if ours else 0
    row["inference_ratio"] = ours["inference_images_per_second"] / row["inference_images_per_second"] if ours else 0
    return (f"{row['threads']:>7}  {row['name']:<12} {row['images_per_second']:9.0f} {row['ratio']:6.2f} {row['training_share']:6.0%} "
            f"{60000 / row['images_per_second']:8.1f} {row['first_accuracy']:8.4f} {row['inference_images_per_second']:12.0f} "
            f"{row['inference_ratio']:6.2f} {row['inference_share']:6.0%}")


# Multiplications and additions of an image: forward, and backward (nothing is sent back to the image itself).
OPERATIONS = (27_767_808.0, 54_281_216.0)

if __name__ == "__main__":
    peers.compete("cnn", "lab 2's network, MNIST", {"torch": run_torch, "tensorflow": run_tensorflow}, __file__,
                  f"{'threads':>7}  {'who':<12} {'images/s':>9} {'ratio':>6} {'limit':>6} {'epoch s':>8} {'accuracy':>8} "
                  f"{'inference/s':>12} {'ratio':>6} {'limit':>6}", describe)
