# SPDX-License-Identifier: Apache-2.0
#
# Linear models on MNIST, "is it a 0?": Linear Learner beside scikit-learn and torch, on the same data.
#
# usage: scripts/bench linear [--data DIR] [--without NAME]... [--threads "1 2"] [--repetitions N] [--json FILE]
#
# DIR holds MNIST's four IDX files (default: where scripts/fetch-data puts them). Peers are installed from PyPI into a virtual
# environment in the cache folder, about 0.4 GB and, with what torch brings along, several GB of disk (PIP_INDEX_URL may name an
# index with its smaller CPU build); `--without torch` leaves one out and downloads nothing for it. SAGEBRUSH_BENCH_OURS replaces the
# command that runs ours.
source "$benchmarks/peers.sh"

take_peer_options "$@"
require_mnist
find_ours
prepare_peers numpy
install_peer scikit-learn sklearn scikit-learn
# PyPI has the build with CUDA, which is large and runs on the CPU as well as the other: PIP_INDEX_URL chooses another index.
install_peer torch torch torch
run_with_peers
