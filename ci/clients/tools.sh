# shellcheck shell=bash
# Installs what each client is made of, once, below the build folder. Source after common.sh and python.sh.

tools=$build_dir/ci/clients
mc_version=v0.0.0-20250313080218-cf909e1063a9
versitygw_version=v1.8.0
export GOTOOLCHAIN=local
export PATH=$tools/bin:$venv/bin:$PATH

# install CLIENT: fails where it cannot be had.
install() {
    mkdir -p "$tools/bin"
    case $1 in
    aws-cli | boto3 | minio-py | s3cmd) python_tools ;;
    mc)
        go_tool mc "github.com/minio/mc@$mc_version"
        export MC_VERSION=$mc_version
        ;;
    rclone)
        go_module rclone rclone
        RCLONE_VERSION=$(module_version rclone github.com/rclone/rclone)
        export RCLONE_VERSION
        ;;
    go-v2) go_module go-v2 go-v2-client ;;
    restic) need restic restic ;;
    s3fs)
        need s3fs s3fs fuse3
        need fusermount3 fuse3
        ;;
    js-v3) node_modules ;;
    java-v2) jar ;;
    rust) cargo build --locked --quiet --package conformance --example client ;;
    *) fail "no such client: $1" ;;
    esac
}

go_tool() { # NAME PACKAGE@VERSION
    need go golang-go
    [ "$(go version -m "$tools/bin/$1" 2>/dev/null | awk '$1 == "mod" { print $3 }')" != "${2#*@}" ] || return 0
    echo "building $2"
    CGO_ENABLED=0 GOFLAGS='' GOBIN=$tools/bin go install "$2"
}

go_module() { # FOLDER NAME
    need go golang-go
    (cd "ci/clients/src/$1" && CGO_ENABLED=0 GOFLAGS=-mod=readonly go build -o "$tools/bin/$2" .)
}

module_version() { # FOLDER MODULE
    (cd "ci/clients/src/$1" && GOFLAGS=-mod=readonly go list -m -f '{{.Version}}' "$2")
}

node_modules() {
    need npm nodejs npm
    local lock=ci/clients/src/js-v3/package-lock.json
    cmp -s "$lock" "$tools/js-v3/installed.json" && return
    rm -rf "$tools/js-v3"
    mkdir -p "$tools/js-v3"
    cp ci/clients/src/js-v3/package.json "$lock" "$tools/js-v3/"
    (cd "$tools/js-v3" && npm ci --silent --no-audit --no-fund)
    cp "$lock" "$tools/js-v3/installed.json"
}

jar() {
    need javac default-jdk-headless
    need mvn maven
    mvn --quiet --batch-mode --file ci/clients/src/java-v2/pom.xml -DbuildDirectory="$tools/java-v2" package
}
