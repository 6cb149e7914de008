# shellcheck shell=bash
# What the clients with a command line share: steps that report themselves. Source it first.
set -euo pipefail

# Reports go to the original standard output, what the tools print to standard error.
exec 3>&1 1>&2

version() { echo "version $*" >&3; }

none() { for name in "$@"; do echo "none $name" >&3; done; }

# step NAME COMMAND...: runs the command, stopping at its first failure, and reports.
step() {
    local name=$1 status
    shift
    echo "--- $name"
    # Not as a condition: bash would then go on after a failure inside.
    set +e
    (set -ex && "$@")
    status=$?
    set -e
    if [ "$status" = 0 ]; then echo "ok $name" >&3; else echo "fail $name" >&3; fi
}

# fetch URL [CURL-ARGUMENTS...]: another program reads a presigned URL.
fetch() { curl --fail --silent --show-error --max-time 60 ${S3_CA:+--cacert "$S3_CA"} "$@"; }

# refused PATTERN COMMAND...: the command fails and its own words match.
refused() {
    local pattern=$1 said
    # The trace must not match.
    { set +x; } 2>/dev/null
    shift
    if said=$("$@" 2>&1); then
        echo "served: $*"
        return 1
    fi
    echo "$said"
    grep -Eq "$pattern" <<<"$said"
}

# holds TEXT WORD...: every word is in the text.
holds() {
    local text=$1 word
    shift
    for word in "$@"; do grep -Fq -- "$word" <<<"$text"; done
}
