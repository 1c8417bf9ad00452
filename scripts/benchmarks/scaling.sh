# SPDX-License-Identifier: Apache-2.0
#
# Training on two hosts of one thread each, beside one host with one thread: how much of twice the speed is reached, with the same
# mini-batch (strong) and with one of twice the size (weak). Linear Learner, K-Means and the convolutional network on MNIST.
#
# usage: scripts/bench scaling [--data DIR] [--repetitions N] [--json FILE]
#
# DIR holds MNIST's four IDX files (default: where scripts/fetch-data puts them). Each figure is the best of N jobs (default 3). Needs Open
# MPI and two cores; SAGEBRUSH_BENCH_OURS replaces the program that is measured.
source "$benchmarks/peers.sh"

data=${XDG_DATA_HOME:-$HOME/.local/share}/sagebrush/data/mnist
repetitions=3
json=$cache/scaling.json
take_options data repetitions json -- "$@"
require_mnist
command -v mpirun >/dev/null || { echo "bench: Open MPI is not installed: apt-get install openmpi-bin" >&2; exit 1; }
find_program
mkdir -p "$(dirname "$json")"
exec python3 "$benchmarks/scaling.py" --ours "$ours" --data "$data" --repetitions "$repetitions" --json "$json"
