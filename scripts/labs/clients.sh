# SPDX-License-Identifier: Apache-2.0
#
# Read by the scripts that drive the real clients: a world of its own behind `serve`, credentials, and a virtual environment.
#
#     SAGEBRUSH    the program; scripts/sagebrush where it isn't set
#     CLIENTS      the folder where virtual environments are kept; ~/.cache/sagebrush where it isn't set

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sagebrush=${SAGEBRUSH:-$here/../sagebrush}
clients=${CLIENTS:-${XDG_CACHE_HOME:-$HOME/.cache}/sagebrush}
work=$(mktemp -d)
export SAGEBRUSH_WORLD=$work/world
server=

finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    "$sagebrush" world reset --yes >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap finish EXIT

# environment NAME PACKAGE…: a virtual environment with these packages from PyPI; its folder is printed.
environment() {
    local folder=$clients/$1
    shift
    if [ ! -e "$folder/complete" ]; then
        python3 -m venv "$folder" >&2
        "$folder/bin/pip" install --quiet --disable-pip-version-check "$@" >&2
        touch "$folder/complete"
    fi
    echo "$folder"
}

# serve: starts the endpoint on a free port and says so to the clients.
serve() {
    "$sagebrush" serve --port 0 2>"$work/serve" &
    server=$!
    until endpoint=$(grep -o 'http://[0-9.:]*' "$work/serve"); do
        kill -0 "$server" || {
            cat "$work/serve" >&2
            return 1
        }
        sleep 0.1
    done
    export AWS_ENDPOINT_URL=$endpoint AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
    export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
    # Nothing of the user's own settings may reach into the run.
    export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true AWS_PAGER=
}

# role: makes the lab's role, and prints its ARN.
role() {
    "$sagebrush" aws iam create-role --role-name lab --query Role.Arn --output text --assume-role-policy-document \
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
    for policy in AmazonSageMakerFullAccess AmazonS3FullAccess; do
        "$sagebrush" aws iam attach-role-policy --role-name lab --policy-arn "arn:aws:iam::aws:policy/$policy" >&2
    done
}
