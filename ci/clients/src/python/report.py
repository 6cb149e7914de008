"""What the Python clients share: steps that report themselves, as ci/clients/README.md says."""

import os
import pathlib
import ssl
import sys
import traceback
import urllib.request

ENDPOINT = os.environ["S3_ENDPOINT"]
REGION = os.environ["S3_REGION"]
CA = os.environ["S3_CA"] or None
VIRTUAL = os.environ["S3_STYLE"] == "virtual"
BUCKET = os.environ["S3_BUCKET"]
ROOT = (os.environ["S3_KEY"], os.environ["S3_SECRET"])
USER = (os.environ["S3_USER_KEY"], os.environ["S3_USER_SECRET"])
FILES = pathlib.Path(os.environ["S3_FILES"])
WORK = pathlib.Path(os.environ["S3_WORK"])
SMALL = (FILES / "small").read_bytes()


def version(text):
    print(f"version {text}", flush=True)


def none(*names):
    for name in names:
        print(f"none {name}", flush=True)


def step(name, call, *arguments, **named):
    print(f"--- {name}", file=sys.stderr, flush=True)
    try:
        call(*arguments, **named)
    except Exception:  # whatever the client raises is its failure
        traceback.print_exc()
        print(f"fail {name}", flush=True)
    else:
        print(f"ok {name}", flush=True)


def same(found, expected):
    assert found == expected, f"expected {expected!r}, got {found!r}"


def same_file(found, expected):
    assert pathlib.Path(found).read_bytes() == pathlib.Path(expected).read_bytes(), f"{found} differs from {expected}"


def fetch(url):
    """Another program reads a presigned URL."""
    trust = ssl.create_default_context(cafile=CA) if url.startswith("https") else None
    with urllib.request.urlopen(url, timeout=60, context=trust) as answer:
        return answer.read()
