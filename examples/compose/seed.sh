# Through the proxy's own ports: a bucket with three objects, a group, two users; then the tour.
set -eu
state=/var/lib/deltaglider-state
. "$state/credentials.env"
umask 077
api=$ENDPOINT/_/api/admin
jar=$state/.seed-session

main() {
    [ -e "$state/users.env" ] || seed
    . "$state/users.env"
    tour
}

seed() {
    curl --fail --silent --show-error --output /dev/null --cookie-jar "$jar" "$api/login" \
        --data "{\"password\": \"$ADMIN_PASSWORD\"}"
    put reports ''
    put reports/open/june.csv figures
    put reports/payroll/june.csv salaries
    put reports/inbox/empty ''
    # A second try finds what the first one made.
    for kind in users groups; do forget "$kind"; done
    post groups group.json >/dev/null
    ana=$(post users ana.json)
    ben=$(post users ben.json)
    rm -f "$jar"
    {
        echo "ANA_KEY=$(echo "$ana" | field access_key_id)"
        echo "ANA_SECRET=$(echo "$ana" | field secret_access_key)"
        echo "BEN_KEY=$(echo "$ben" | field access_key_id)"
        echo "BEN_SECRET=$(echo "$ben" | field secret_access_key)"
    } >"$state/users.env.new"
    mv "$state/users.env.new" "$state/users.env"
}

# put PATH CONTENT: one signed request.
put() {
    curl --fail --silent --show-error --request PUT --user "$DGP_ACCESS_KEY_ID:$DGP_SECRET_ACCESS_KEY" \
        --aws-sigv4 aws:amz:us-east-1:s3 --header 'x-amz-content-sha256: UNSIGNED-PAYLOAD' \
        --header 'Content-Type: text/plain' --data-raw "$2" "$ENDPOINT/$1"
}

post() { # KIND FILE
    curl --fail --silent --show-error --cookie "$jar" "$api/$1" --data "@/compose/$2"
}

forget() { # KIND: removes ana, ben and readers
    curl --fail --silent --show-error --cookie "$jar" "$api/$1" | tr '{' '\n' |
        sed -nE 's/^"id": ?([0-9]+), ?"name": ?"(ana|ben|readers)".*/\1/p' |
        while read -r id; do
            curl --fail --silent --show-error --cookie "$jar" --request DELETE --output /dev/null "$api/$1/$id"
        done
}

field() { # NAME: its first value in a JSON document
    # shellcheck disable=SC2020
    tr '{,' '\n\n' | sed -nE "s/^ *\"$1\": ?\"?([^\"}]*).*/\\1/p" | head -n 1
}

tour() {
    cat <<TOUR

The proxy serves at $PUBLISHED. Paste into a shell with aws-cli:

  export AWS_ENDPOINT_URL=$PUBLISHED AWS_REGION=us-east-1
  ana() { AWS_ACCESS_KEY_ID=$ANA_KEY AWS_SECRET_ACCESS_KEY=$ANA_SECRET aws "\$@"; }
  ben() { AWS_ACCESS_KEY_ID=$BEN_KEY AWS_SECRET_ACCESS_KEY=$BEN_SECRET aws "\$@"; }

  ana s3 ls s3://reports/                            # inbox/ and open/, and no word of payroll/
  ana s3 cp s3://reports/open/june.csv -             # figures
  ana s3 cp s3://reports/payroll/june.csv -          # refused: a Deny of the group
  echo draft | ana s3 cp - s3://reports/inbox/draft  # refused: readers read
  echo draft | ben s3 cp - s3://reports/inbox/draft  # served: ben may write there

Full access is the bootstrap pair's:

  export AWS_ACCESS_KEY_ID=$DGP_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY=$DGP_SECRET_ACCESS_KEY

Users, rules and the audit are at $PUBLISHED/_/api/admin; the admin password is

  $ADMIN_PASSWORD

The same users stand in examples/compose/iam.yaml, as code. From the root of the repository:

  iam() { docker compose exec -e DGP_BOOTSTRAP_PASSWORD=$ADMIN_PASSWORD proxy deltaglider_proxy \\
          config apply /compose/iam.yaml --server http://127.0.0.1:9000 "\$@"; }
  iam --dry-run    # no changes: the file says what the seed made; edit it and look again
  iam              # from now on changes come from the file, and the admin API refuses them

TOUR
}

main
