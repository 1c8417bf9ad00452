# SPDX-License-Identifier: Apache-2.0
#
# One decision tree grown to purity on MNIST: Decision Tree beside scikit-learn, its Intel extension, LightGBM and XGBoost.
#
# usage: scripts/bench tree [--data DIR] [--without NAME]... [--threads "1 2"] [--repetitions N] [--json FILE]
#
# DIR holds MNIST's four IDX files (default: where scripts/fetch-data puts them). Peers (scikit-learn, sklearnex, lightgbm, xgboost) are
# installed from PyPI into a virtual environment in the cache folder, about 1 GB; `--without lightgbm` leaves one out.
# SAGEBRUSH_BENCH_OURS replaces the command that runs ours.
source "$benchmarks/peers.sh"

take_peer_options "$@"
require_mnist
find_ours
prepare_peers numpy
install_peer scikit-learn sklearn scikit-learn
install_peer sklearnex sklearnex scikit-learn-intelex
install_peer lightgbm lightgbm lightgbm
install_peer xgboost xgboost xgboost-cpu
run_with_peers
