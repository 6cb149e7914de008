# Serves with the credentials that credentials.sh made.
set -eu
. /var/lib/deltaglider-state/credentials.env
export DGP_ACCESS_KEY_ID DGP_SECRET_ACCESS_KEY DGP_BOOTSTRAP_PASSWORD_HASH
unset ADMIN_PASSWORD
exec deltaglider_proxy serve
