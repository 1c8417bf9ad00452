# SPDX-License-Identifier: Apache-2.0
#
# The endpoint over HTTP: objects of 1 KB, 1 MB and 64 MB, a list of many keys, calls of boto3, beside moto's server.
#
# usage: scripts/bench endpoint [--without moto] [--keys N] [--json FILE]
#
# N keys are listed (default 100000). boto3 and moto are installed from PyPI into a virtual environment in the cache folder, about
# 0.2 GB. SAGEBRUSH_BENCH_OURS replaces the program that is measured.
source "$benchmarks/peers.sh"

keys=100000
json=$cache/endpoint.json
take_options keys json -- "$@"
find_program
prepare_peers boto3
install_peer moto moto 'moto[server]'
exec "$python" "$benchmarks/endpoint.py" --ours "$ours" --keys "$keys" --json "$json" --peers "${peers[*]}"
