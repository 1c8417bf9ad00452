# SPDX-License-Identifier: Apache-2.0
#
# The prompt: from the start to the first prompt, and from a key to what it draws, on a pseudo-terminal, in a world with many buckets
# and training jobs. The goals are 30 ms to the first prompt, and 5 ms a key at the 99th percentile.
#
# usage: scripts/bench prompt [--count N] [--starts N] [--repetitions N] [--json FILE]
#
# N buckets and N jobs (10,000), N starts (20), N times through the lines that are typed (5).
count=10000 starts=20 repetitions=5 json=$cache/prompt.json
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || { echo "bench: $1 needs a value" >&2; exit 2; }
    case $1 in
    --count) count=$2 ;;
    --starts) starts=$2 ;;
    --repetitions) repetitions=$2 ;;
    --json) json=$2 ;;
    *) usage ;;
    esac
    shift 2
done
if [ -z "${SAGEBRUSH_BENCH_OURS:-}" ]; then
    build_release
    SAGEBRUSH_BENCH_OURS="$release_program host benchmark"
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo "Making a world with $count buckets and $count training jobs …" >&2
# shellcheck disable=SC2086
$SAGEBRUSH_BENCH_OURS prompt-world "$folder/world" "$count"
mkdir -p "$(dirname "$json")"
# shellcheck disable=SC2086
$SAGEBRUSH_BENCH_OURS keystroke "$folder/world" "$starts" "$repetitions" >"$json"
echo "The numbers are in $json." >&2
