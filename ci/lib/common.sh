# shellcheck shell=bash
# Helpers that the checks share: paths, tools, and processes that end with the script. Source it.

root=$(git -C "$(dirname "${BASH_SOURCE[0]}")" rev-parse --show-toplevel)
cd "$root" || exit 1
lib=$root/ci/lib
build_dir=${CARGO_TARGET_DIR:-$root/target}
minio_image=${CONFORMANCE_MINIO_IMAGE:-minio/minio}:${CONFORMANCE_MINIO_TAG:-RELEASE.2025-02-28T09-55-16Z}

# Everything a script starts is stopped at its end, by process id.
scratch=$(mktemp -d)
pids=()
containers=()
cleanup() {
    local status=$?
    trap - EXIT
    for pid in "${pids[@]}"; do stop "$pid"; done
    for id in "${containers[@]}"; do docker rm -fv "$id" >/dev/null 2>&1 || true; done
    rm -rf "$scratch"
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

fail() {
    echo "${0##*/}: $*" >&2
    exit 1
}

equals() { [ "$1" = "$2" ] || fail "expected '$2', got '$1'"; }

refuses() { # PATTERN COMMAND...: fails, and says so in these words
    local pattern=$1 said
    shift
    if said=$("$@" 2>&1); then fail "served: $*"; fi
    grep -Eq "$pattern" <<<"$said" || fail "expected $pattern, got: $said"
}

# stop PID: asks politely, waits up to ten seconds, then insists.
stop() {
    kill "$1" 2>/dev/null || return 0
    for _ in $(seq 100); do
        kill -0 "$1" 2>/dev/null || break
        sleep 0.1
    done
    kill -9 "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

# within SECONDS COMMAND...: tries the command until it succeeds.
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.2
    done
}

# need COMMAND PACKAGE...: installs Debian packages where a command is missing.
need() {
    local name=$1
    shift
    command -v "$name" >/dev/null && return
    echo "installing $*"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

docker_answers() {
    command -v docker >/dev/null && timeout 30 docker info >/dev/null 2>&1
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
