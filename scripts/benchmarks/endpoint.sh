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
declare -gA without=()
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || { echo "bench: $1 needs a value" >&2; exit 2; }
    case $1 in
    --keys) keys=$2 ;;
    --json) json=$2 ;;
    --without) without[$2]=1 ;;
    *) usage ;;
    esac
    shift 2
done
ours=${SAGEBRUSH_BENCH_OURS:-}
if [ -z "$ours" ]; then
    build_release
    ours=$release_program
fi
prepare_peers boto3
install_peer moto moto 'moto[server]'
exec "$python" "$benchmarks/endpoint.py" --ours "$ours" --keys "$keys" --json "$json" --peers "${peers[*]}"
