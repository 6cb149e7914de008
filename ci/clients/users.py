"""Makes one IAM user a client, who may use granted/* in that client's bucket; prints client, key and secret.

Usage: users.py BUCKET-STEM CLIENT...
"""

import http.cookiejar
import json
import os
import ssl
import sys
import urllib.request

API = os.environ["AWS_ENDPOINT_URL"] + "/_/api/admin"


def main(stem, clients):
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE"))),
        urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
    )
    ask(opener, "/login", {"password": os.environ["DGP_BOOTSTRAP_PASSWORD"]})
    for client in clients:
        rule = {"actions": ["read", "write", "list", "delete"], "resources": [f"{stem}-{client}/granted/*"]}
        user = ask(opener, "/users", {"name": client, "permissions": [rule]})
        print(client, user["access_key_id"], user["secret_access_key"])


def ask(opener, path, body):
    request = urllib.request.Request(API + path, data=json.dumps(body).encode(), method="POST")
    with opener.open(request, timeout=30) as answer:
        return json.load(answer)


main(sys.argv[1], sys.argv[2:])
