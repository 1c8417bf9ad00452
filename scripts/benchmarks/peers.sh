# SPDX-License-Identifier: Apache-2.0
#
# Read by the benchmarks that run beside Python's libraries: their options, the data, and a virtual environment with the peers.

# Reads the options whose names it is given, up to a `--`, into variables of those names; and --without.
take_options() {
    local names=" "
    while [ "$1" != -- ]; do
        names+="$1 "
        shift
    done
    shift
    declare -gA without=()
    while [ $# -gt 0 ]; do
        [ $# -ge 2 ] || { echo "bench: $1 needs a value" >&2; exit 2; }
        case $1 in
        --without) without[$2]=1 ;;
        --*) case $names in *" ${1#--} "*) printf -v "${1#--}" %s "$2" ;; *) usage ;; esac ;;
        *) usage ;;
        esac
        shift 2
    done
}

# Reads --data, --threads, --repetitions, --json and --without.
take_peer_options() {
    data=${XDG_DATA_HOME:-$HOME/.local/share}/sagebrush/data/mnist
    threads="1 2"
    repetitions=3
    json=$cache/$task.json
    take_options data threads repetitions json -- "$@"
}

require_mnist() {
    [ -e "$data/train-images-idx3-ubyte" ] || [ -e "$data/train-images-idx3-ubyte.gz" ] || {
        echo "bench: $data has no MNIST; scripts/fetch-data brings it, or give its folder with --data" >&2
        exit 1
    }
}

# The program that is measured: SAGEBRUSH_BENCH_OURS, or the release build with the words that are given.
find_program() {
    ours=${SAGEBRUSH_BENCH_OURS:-}
    [ -n "$ours" ] && return 0
    build_release
    ours="$release_program${1:+ $1}"
}

# The command that runs our side of a benchmark.
find_ours() { find_program "host benchmark"; }

# Makes the virtual environment, with the packages that the driver itself needs.
prepare_peers() {
    mkdir -p "$cache"
    install_packages python3-venv
    [ -x "$cache/venv/bin/python" ] || python3 -m venv "$cache/venv"
    python=$cache/venv/bin/python
    peers=()
    local package
    for package in "$@"; do
        "$python" -c "import $package" 2>/dev/null || "$python" -m pip install --quiet --disable-pip-version-check "$package" >&2
    done
}

# Adds a peer: its name, the module to look for, what pip calls it.
install_peer() {
    local name=$1 module=$2
    shift 2
    [ -z "${without[$name]:-}" ] || return 0
    if ! "$python" -c "import $module" 2>/dev/null; then
        echo "Installing $name into $cache/venv …" >&2
        "$python" -m pip install --quiet --disable-pip-version-check "$@" >&2 || {
            echo "bench: $name could not be installed; it is left out" >&2
            return 0
        }
    fi
    peers+=("$name")
}

# Runs scripts/benchmarks/TASK.py; further arguments are its own.
run_with_peers() {
    echo "The peers' virtual environment takes $(du -sh "$cache/venv" | cut -f1) in $cache/venv." >&2
    # Some machines make OpenBLAS pretend to be an older processor, which halves it: peers run at their best.
    unset OPENBLAS_CORETYPE
    exec "$python" "$benchmarks/$task.py" --ours "$ours" --data "$data" --threads "$threads" \
        --repetitions "$repetitions" --json "$json" --peers "${peers[*]}" "$@"
}
