# shellcheck shell=bash
# Starts the proxy, MinIO and versitygw on free loopback ports for as long as the script runs. Source after common.sh.

# The pair of every subject and store below, a throwaway one.
key_id=tour-key
secret_key=tour-secret-0123456789
admin_password=tour-admin-password
export AWS_REGION=us-east-1

# minio: starts a container; its address is in minio_url.
minio() {
    local id
    id=$(docker run --detach --publish 127.0.0.1::9000 --env MINIO_ROOT_USER="$key_id" \
        --env MINIO_ROOT_PASSWORD="$secret_key" "$minio_image" server /data)
    containers+=("$id")
    minio_url=http://$(docker port "$id" 9000/tcp | head -n 1)
    within 60 curl --fail --silent "$minio_url/minio/health/live" || fail "MinIO does not serve"
}

# versitygw: starts the gateway over a folder of files; its address is in versitygw_url.
versitygw() {
    local port pid
    port=$(free_port)
    mkdir -p "$scratch/versitygw"
    command versitygw --access "$key_id" --secret "$secret_key" --port "127.0.0.1:$port" --health /health \
        posix "$scratch/versitygw" >"$scratch/versitygw.log" 2>&1 &
    pid=$!
    pids+=("$pid")
    versitygw_url=http://127.0.0.1:$port
    within 60 curl --fail --silent "$versitygw_url/health" || fail "versitygw does not serve: $(tail -n 5 "$scratch/versitygw.log")"
}

# proxy BINARY SCHEME STORE: serves http or https before the embedded store or the S3 endpoint
# named; exports what a client reads, sets proxy_pid.
proxy() {
    local binary=$1 scheme=$2 store=$3 port settings
    port=$(free_port)
    admin_hash=$(printf %s "$admin_password" | "$binary" hash-password)
    settings=(DGP_BOOTSTRAP_PASSWORD_HASH="$admin_hash"
        DGP_LISTEN_ADDR="127.0.0.1:$port" DGP_ACCESS_KEY_ID="$key_id"
        DGP_SECRET_ACCESS_KEY="$secret_key" DGP_STATE_DIR="$scratch/state-$port")
    if [ "$store" = embedded ]; then
        settings+=(DGP_DATA_DIR="$scratch/data-$port")
    else
        settings+=(DGP_S3_ENDPOINT="$store" DGP_S3_REGION=us-east-1 DGP_S3_PATH_STYLE=true
            DGP_BE_AWS_ACCESS_KEY_ID="$key_id" DGP_BE_AWS_SECRET_ACCESS_KEY="$secret_key")
    fi
    [ -z "${trusted_proxies:-}" ] || settings+=(DGP_TRUSTED_PROXIES="$trusted_proxies")
    [ -z "${base_domain:-}" ] || settings+=(DGP_BASE_DOMAIN="$base_domain")
    unset AWS_CA_BUNDLE
    if [ "$scheme" = https ]; then
        certificate
        settings+=(DGP_TLS_CERT="$scratch/cert.pem" DGP_TLS_KEY="$scratch/key.pem")
        export AWS_CA_BUNDLE=$scratch/ca.pem
    fi
    export DGP_BOOTSTRAP_PASSWORD=$admin_password
    export AWS_ENDPOINT_URL=$scheme://127.0.0.1:$port AWS_ACCESS_KEY_ID=$key_id AWS_SECRET_ACCESS_KEY=$secret_key
    # From a folder of its own, so that no configuration file lies in the way.
    (cd "$scratch" && exec env "${settings[@]}" "$binary" serve) >"$scratch/proxy-$port.log" 2>&1 &
    proxy_pid=$!
    pids+=("$proxy_pid")
    ready "$proxy_pid" || fail "the proxy does not serve: $(tail -n 20 "$scratch/proxy-$port.log")"
    (cd "$scratch" && env "${settings[@]}" "$binary" health) || fail "the proxy serves, and its own check says otherwise"
}

# demo BINARY: starts `demo` and takes its endpoint and credentials from the lines it prints.
demo() {
    "$1" demo --listen "127.0.0.1:$(free_port)" >"$scratch/demo.out" 2>"$scratch/demo.log" &
    proxy_pid=$!
    pids+=("$proxy_pid")
    within 60 grep -q '^export AWS_SECRET_ACCESS_KEY=' "$scratch/demo.out" || fail "demo prints no credentials"
    grep '^export ' "$scratch/demo.out" >"$scratch/demo.env"
    unset AWS_CA_BUNDLE
    # shellcheck disable=SC1091
    . "$scratch/demo.env"
    ready "$proxy_pid" || fail "demo does not serve: $(tail -n 20 "$scratch/demo.log")"
}

ready() { # PID
    for _ in $(seq 300); do
        kill -0 "$1" 2>/dev/null || return 1
        curl --fail --silent --output /dev/null ${AWS_CA_BUNDLE:+--cacert "$AWS_CA_BUNDLE"} \
            "$AWS_ENDPOINT_URL/_/ready" && return
        sleep 0.2
    done
    return 1
}

# An authority, and its certificate for the loopback address, once a script: some clients take no
# authority's certificate for a server, others trust only an authority.
certificate() {
    [ ! -e "$scratch/cert.pem" ] || return 0
    local key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2)
    openssl req -x509 "${key[@]}" -subj '/CN=loopback authority' -addext keyUsage=critical,keyCertSign \
        -keyout "$scratch/ca.key" -out "$scratch/ca.pem" 2>/dev/null
    openssl req -x509 "${key[@]}" -CA "$scratch/ca.pem" -CAkey "$scratch/ca.key" -subj /CN=localhost \
        -addext basicConstraints=critical,CA:FALSE \
        -addext subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:s3.localhost,DNS:*.s3.localhost \
        -keyout "$scratch/key.pem" -out "$scratch/cert.pem" 2>/dev/null
}
