# SPDX-License-Identifier: Apache-2.0
#
# The model host by itself: one CSV row of 784 features a request over 16 connections and over one, and 1,000 rows a request, beside
# a bare uvicorn application and Flask behind gunicorn.
#
# usage: scripts/bench serve [--without NAME]... [--seconds N] [--json FILE]
#
# Each is measured three times for N seconds (3) with wrk, which is installed from Debian. The model is lab 1's, trained here on the
# shipped data. Peers are installed from PyPI into a virtual environment in the cache folder; `--without uvicorn` (or gunicorn) leaves
# one out. SAGEBRUSH_BENCH_OURS replaces the program that is measured.
source "$benchmarks/peers.sh"

seconds=3
json=$cache/serve.json
take_options seconds json -- "$@"
find_program
install_packages wrk
prepare_peers numpy
install_peer uvicorn uvicorn 'uvicorn[standard]'
install_peer gunicorn gunicorn gunicorn flask
exec "$python" "$benchmarks/serve.py" --ours "$ours" --seconds "$seconds" --json "$json" --peers "${peers[*]}"
