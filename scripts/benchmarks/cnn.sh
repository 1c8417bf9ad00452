# SPDX-License-Identifier: Apache-2.0
#
# Lab 2's convolutional network on MNIST: Convolutional Network beside torch and TensorFlow, training and inference.
#
# usage: scripts/bench cnn [--data DIR] [--without NAME]... [--threads "1 2"] [--repetitions N] [--json FILE]
#
# DIR holds MNIST's four IDX files (default: where scripts/fetch-data puts them). Peers (torch, tensorflow) are installed from PyPI into
# a virtual environment in the cache folder: TensorFlow takes about 1.2 GB, torch with what it brings along several (PIP_INDEX_URL
# may name an index with its smaller CPU build); `--without torch` leaves one out. SAGEBRUSH_BENCH_OURS replaces the command that runs ours.
source "$benchmarks/peers.sh"

take_peer_options "$@"
require_mnist
find_ours
prepare_peers numpy
install_peer torch torch torch
install_peer tensorflow tensorflow tensorflow-cpu
run_with_peers
