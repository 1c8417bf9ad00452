# SPDX-License-Identifier: Apache-2.0
#
# Read by the other scripts: the packages that Sagebrush needs, the build flags (one set for each configuration everywhere, because
# changing them rebuilds everything), and where the builds lie.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# libedit: the prompt. SQLite: the world. libarchive: artifacts (loaded when needed). zlib: HTTP. jq-free and Python-free on purpose.
packages=(libedit-dev libsqlite3-dev libarchive13 zlib1g-dev pkg-config ca-certificates git)

debug_flags=(-Xswiftc -use-ld=lld --explicit-target-dependency-import-check error)
# Starting has to be quick: an executable at a fixed address has nothing to relocate, and one that exports nothing is searched faster.
release_flags=(-c release --static-swift-stdlib -Xswiftc -use-ld=lld -Xlinker --no-pie -Xlinker --no-export-dynamic -Xlinker --strip-debug)
release_program=$root/.build/release/sagebrush

# Installs what is missing; silent and quick when nothing is.
install_packages() {
    local missing=() package
    for package in "${packages[@]}" "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    local sudo=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            echo "These Debian packages are missing: ${missing[*]}. Install them as root, then try again." >&2
            return 1
        }
        sudo=(sudo)
    fi
    echo "Installing Debian packages: ${missing[*]}" >&2
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

require_swift() {
    command -v swift >/dev/null || {
        echo "Swift 6.3 is needed: there is no \"swift\" on PATH. See swift.org/install." >&2
        return 1
    }
}

# Builds the release where a source is newer than the program; says so on standard error, because the first time takes minutes.
build_release() {
    if [ -x "$release_program" ] && [ -z "$(find "$root/Package.swift" "$root/Sources" "$root/Plugins" -newer "$release_program" -print -quit)" ]; then
        return 0
    fi
    require_swift
    install_packages
    [ -x "$release_program" ] || echo "Building Sagebrush; the first time takes about ten minutes …" >&2
    swift build --package-path "$root" "${release_flags[@]}" --product sagebrush >&2
    touch "$release_program"
}
