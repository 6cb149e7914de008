# First-start credentials: made once, kept beside the database, readable by the proxy's user alone.
set -eu
file=/var/lib/deltaglider-state/credentials.env
[ ! -e "$file" ] || exit 0

umask 077
random() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

password=$(random 12)
cat >"$file.new" <<ENV
DGP_ACCESS_KEY_ID=DGP$(random 8 | tr a-f A-F)
DGP_SECRET_ACCESS_KEY=$(random 20)
DGP_BOOTSTRAP_PASSWORD_HASH='$(printf %s "$password" | deltaglider_proxy hash-password)'
ADMIN_PASSWORD=$password
ENV
mv "$file.new" "$file"
