# SPDX-License-Identifier: Apache-2.0
#
# K-means to convergence: full MNIST (k = 10 from the same centres), and 1000 Genomes' 2,504 people x 23,770 variants (k = 5 from the
# same centres; k = 26 with k-means++), beside scikit-learn, its Intel extension and faiss.
#
# usage: scripts/bench kmeans [--data DIR] [--genotypes FILE] [--without NAME]... [--threads "1 2"] [--repetitions N] [--json FILE]
#
# DIR holds MNIST's four IDX files and FILE is autosomes.exome-sites.2504.vcf.gz (default: where scripts/fetch-data puts them; without
# the file, that data is left out). Peers are installed from PyPI into a virtual environment in the cache folder, about 1.1 GB;
# `--without intelex` (or faiss) leaves one out and downloads nothing for it. SAGEBRUSH_BENCH_OURS replaces the command that runs ours.
source "$benchmarks/peers.sh"

genotypes=
peer_options=()
while [ $# -gt 0 ]; do
    if [ "$1" = --genotypes ] && [ $# -ge 2 ]; then genotypes=$2; shift 2; else peer_options+=("$1"); shift; fi
done
take_peer_options "${peer_options[@]}"
require_mnist
genotypes=${genotypes:-$(dirname "$data")/1000genomes/autosomes.exome-sites.2504.vcf.gz}
find_ours
prepare_peers numpy
install_peer scikit-learn sklearn scikit-learn
install_peer intelex sklearnex scikit-learn-intelex
install_peer faiss faiss faiss-cpu
run_with_peers --genotypes "$genotypes" --scratch "$cache/kmeans"
