"""Writes docs/clients.md from the reports of a full run.

Usage: table.py RESULTS-FOLDER STORE-VERSIONS-FILE
Reports lie in STYLE/STORE/SCHEME/CLIENT; the other file has lines of `STORE VERSION`.
"""

import pathlib
import sys

CLIENTS = {
    "aws-cli": "aws-cli",
    "boto3": "boto3",
    "rclone": "rclone",
    "s3cmd": "s3cmd",
    "restic": "restic",
    "mc": "mc (MinIO client)",
    "rust": "AWS SDK for Rust",
    "go-v2": "AWS SDK for Go v2",
    "js-v3": "AWS SDK for JavaScript v3",
    "java-v2": "AWS SDK for Java v2",
    "minio-py": "minio-py",
    "s3fs": "s3fs-fuse",
}
STEPS = ["make-bucket", "upload", "multipart", "list", "range", "presign", "copy", "sync", "batch-delete",
         "grant", "access-denied", "remove-bucket"]
MARKS = {"ok": "✓", "fail": "**✗**", "none": "–"}

HEAD = """# Clients

Written by `ci/clients/run --document`, which drove every client below against a debug build of
the proxy; CI runs it again. Checksums and chunked signing are what each client ships. What the
steps are: [ci/clients/README.md](../ci/clients/README.md). How clients are set up:
[guide.md](guide.md).

✓ passed · – the client has no such thing · **✗** failed
"""


def main(results, stores):
    reports = {}
    for path in sorted(results.glob("*/*/*/*")):
        if path.suffix != ".log":
            style, store, scheme, client = path.relative_to(results).parts
            reports[(style, store, scheme, client)] = read(path)
    parts = [HEAD, table(versions(reports)), "Stores behind the proxy: " + ", ".join(store_names(stores)) + ".\n"]
    for style, store in sorted({key[:2] for key in reports}):
        schemes = sorted({key[2] for key in reports if key[:2] == (style, store)})
        parts.append(f"## {store}, {style} style, {' and '.join(schemes)}\n\n" + matrix(reports, style, store, schemes))
    print("\n".join(parts), end="")


def read(path):
    words = [line.split(maxsplit=1) for line in path.read_text().splitlines()]
    steps = {name: outcome for outcome, name in words if outcome in MARKS}
    return {"version": next((text for kind, text in words if kind == "version"), "unknown"), "steps": steps}


def versions(reports):
    rows = [["client", "version"]]
    for client, name in CLIENTS.items():
        found = sorted({report["version"] for key, report in reports.items() if key[3] == client})
        if found:
            rows.append([name, ", ".join(found)])
    return rows


def store_names(path):
    return [f"{name} ({version})" for name, version in (line.split(maxsplit=1) for line in path.read_text().splitlines())]


def matrix(reports, style, store, schemes):
    rows = [["client"] + STEPS]
    for client, name in CLIENTS.items():
        found = [reports[key] for scheme in schemes if (key := (style, store, scheme, client)) in reports]
        if found:
            rows.append([name] + [cell([report["steps"].get(step, "fail") for report in found]) for step in STEPS])
    return table(rows)


def cell(outcomes):
    """One mark where the transports agree, else one each."""
    marks = [MARKS[outcome] for outcome in outcomes]
    return marks[0] if len(set(marks)) == 1 else " ".join(marks)


def table(rows):
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|---|" + ":-:|" * (len(rows[0]) - 1) if len(rows[0]) > 2 else "|---|---|")
    return "\n".join(lines) + "\n"


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
