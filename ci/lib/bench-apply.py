"""Times applies of a large document: PROGRAM USERS."""

import hashlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time

ADDRESS = "127.0.0.1:9587"
GROUPS = 100
# Of the password below.
HASH = "$argon2id$v=19$m=19456,t=2,p=1$t1IE9QPZEQK2Ziul+Aj6wA$dXZLq3LRoTsNT/s3gnNvSUXYH3QA/KyZBc6EHu4DUM8"
PASSWORD = "conformance-admin-password"


def main(program, users):
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "PATH": os.environ["PATH"],
            "DGP_ACCESS_KEY_ID": "bench-bootstrap",
            "DGP_SECRET_ACCESS_KEY": "bench-secret-0123456789012345678901234567",
            "DGP_BOOTSTRAP_PASSWORD_HASH": HASH,
        }
        with open(f"{folder}/log", "w", encoding="utf-8") as log:
            server = subprocess.Popen(
                [program, "serve", "-l", ADDRESS], env=settings, cwd=folder, stderr=log
            )
        try:
            measure(users)
        finally:
            server.terminate()
            server.wait()


def measure(users):
    await_server()
    cookie = login()
    for name, text in [
        ("all users, empty database", document(users, "")),
        ("one change", document(users, "X")),
        ("no change", document(users, "X")),
    ]:
        body = json.dumps({"yaml": text})
        for path in ["validate", "apply"]:
            began = time.monotonic()
            status, answer = call("POST", f"/config/{path}", body, cookie)
            took = time.monotonic() - began
            if status != 200:
                sys.exit(f"{path} answered {status}: {answer[:500]}")
            line = next(it for it in json.loads(answer)["warnings"] if "declarative IAM" in it)
            print(f"{name:26} {path:9} {took:6.2f} s  {len(text)} bytes  {line}")


def document(users, change):
    lines = ["access:", "  iam_mode: declarative", "  iam_groups:"]
    for group in range(GROUPS):
        lines += [
            f"    - name: group-{group}",
            "      permissions:",
            f'        - {{actions: [read, list], resources: ["bucket-{group}/*"]}}',
        ]
    lines.append("  iam_users:")
    for user in range(users):
        secret = hashlib.sha256(str(user).encode()).hexdigest()
        lines += [
            f"    - name: user-{user}",
            f"      access_key_id: AKIA{user:08}{change if user == 5 else ''}",
            f"      secret_access_key: {secret}",
            f"      groups: [group-{user % GROUPS}]",
            "      permissions:",
            "        - effect: Allow",
            "          actions: [write]",
            f'          resources: ["bucket-{user % GROUPS}/home/{user}/*"]',
        ]
    return "\n".join(lines) + "\n"


def await_server():
    for _ in range(100):
        try:
            connection = http.client.HTTPConnection(ADDRESS)
            connection.request("GET", "/_/health")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("the server does not start")


def login():
    connection = http.client.HTTPConnection(ADDRESS)
    body = json.dumps({"password": PASSWORD})
    connection.request("POST", "/_/api/admin/login", body)
    answer = connection.getresponse()
    answer.read()
    return answer.getheader("set-cookie").split(";")[0]


def call(method, path, body, cookie):
    connection = http.client.HTTPConnection(ADDRESS)
    connection.request(method, f"/_/api/admin{path}", body, {"Cookie": cookie})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


main(sys.argv[1], int(sys.argv[2]))
