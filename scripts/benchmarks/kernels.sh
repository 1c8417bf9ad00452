# SPDX-License-Identifier: Apache-2.0
#
# Every version of every kernel on one thread, over data in the caches: GFLOP/s or GB/s, and the share of the machine's limit.
#
# usage: scripts/bench kernels [--seconds N] [--json FILE]
#
# Each runs for N hundredths of a second (20). The limits are float32 multiply-adds in registers (integer kernels may go beyond, and
# convolutions are counted with the zeros around a picture) and what a sum over numbers in the second-level cache reads. SAGEBRUSH_BENCH_OURS replaces the command that runs ours.
source "$benchmarks/peers.sh"

hundredths=20 json=$cache/kernels.json
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || { echo "bench: $1 needs a value" >&2; exit 2; }
    case $1 in
    --seconds) hundredths=$2 ;;
    --json) json=$2 ;;
    *) usage ;;
    esac
    shift 2
done
find_ours
prepare_peers numpy
unset OPENBLAS_CORETYPE
OPENBLAS_NUM_THREADS=1 exec "$python" "$benchmarks/kernels.py" --ours "$ours" --hundredths "$hundredths" --json "$json"
