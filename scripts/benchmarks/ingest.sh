# SPDX-License-Identifier: Apache-2.0
#
# Reading examples from the page cache to rows of float32, and writing RecordIO-protobuf: MNIST as CSV of whole numbers, as CSV with six
# decimals, and as records, beside pandas, polars and the SageMaker Python SDK.
#
# usage: scripts/bench ingest [--data DIR] [--without NAME]... [--threads "1 2"] [--repetitions N] [--json FILE]
#
# DIR holds MNIST's four IDX files (default: where scripts/fetch-data puts them); the files that are read are made from them in the cache
# folder, 0.5 GB. Peers are installed from PyPI into a virtual environment in the cache folder; `--without sagemaker` (or pandas, polars)
# leaves one out and downloads nothing for it. The limit that shares refer to is reading memory. SAGEBRUSH_BENCH_OURS replaces the
# command that runs ours.
source "$benchmarks/peers.sh"

take_peer_options "$@"
require_mnist
find_ours
prepare_peers numpy
install_peer pandas pandas pandas
install_peer polars polars polars pyarrow
# The 2.x SDK, the last with readers and writers of records.
install_peer sagemaker sagemaker.amazon.common 'sagemaker>=2,<3'
run_with_peers --scratch "$cache/ingest"
