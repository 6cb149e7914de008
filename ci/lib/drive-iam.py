#!/usr/bin/env python3
"""Drives users, rules, rotation under load, denials and their reasons at the endpoint of AWS_ENDPOINT_URL."""

import http.cookiejar
import json
import os
import ssl
import threading
import urllib.request
import uuid

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

API = os.environ["AWS_ENDPOINT_URL"] + "/_/api/admin"
ONE_TRY = Config(signature_version="s3v4", retries={"total_max_attempts": 1})


def main():
    admin = Admin(os.environ["DGP_BOOTSTRAP_PASSWORD"])
    bucket = f"tour-iam-{uuid.uuid4()}"
    root = boto3.client("s3", config=ONE_TRY)
    root.create_bucket(Bucket=bucket)
    for key in ["open/june.csv", "payroll/june.csv"]:
        root.put_object(Bucket=bucket, Key=key, Body=key.encode())
    user = admin.ask("POST", "/users", {"name": bucket, "permissions": [
        {"actions": ["read", "list"], "resources": [f"{bucket}/*"]},
        {"effect": "Deny", "actions": ["read", "list"], "resources": [f"{bucket}/payroll/*"]},
    ]})
    may_and_may_not(admin, client(user), bucket)
    rotation(admin, user, bucket)
    for key in ["open/june.csv", "payroll/june.csv"]:
        root.delete_object(Bucket=bucket, Key=key)
    root.delete_bucket(Bucket=bucket)


def may_and_may_not(admin, s3, bucket):
    assert s3.get_object(Bucket=bucket, Key="open/june.csv")["Body"].read() == b"open/june.csv"
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert [entry["Key"] for entry in listed] == ["open/june.csv"], listed
    refused(lambda: s3.put_object(Bucket=bucket, Key="open/july.csv", Body=b""), "AccessDenied")
    refused(lambda: s3.get_object(Bucket=bucket, Key="payroll/june.csv"), "AccessDenied")
    entry = admin.ask("GET", f"/audit?limit=1&bucket={bucket}")["entries"][0]
    assert (entry["action"], entry["path"]) == ("GetObject", "payroll/june.csv"), entry
    why = admin.ask("GET", f"/explain?request_id={entry['request_id']}")
    assert (why["outcome"], why["rule"]["effect"], why["rule"]["index"]) == ("Denied", "Deny", 2), why
    print("iam: granted, denied, explained")


def rotation(admin, user, bucket):
    """Both keys serve while both are used; the old one ends when it is removed."""
    failures, served, stop = [], [0], threading.Event()

    def load(s3):
        while not stop.is_set():
            try:
                s3.get_object(Bucket=bucket, Key="open/june.csv")["Body"].read()
                served[0] += 1
            except ClientError as error:
                failures.append(error)

    old = client(user)
    threads = [threading.Thread(target=load, args=[old]) for _ in range(4)]
    for thread in threads:
        thread.start()
    rotated = admin.ask("POST", f"/users/{user['id']}/rotate-keys")
    new = client(rotated)
    threads += [threading.Thread(target=load, args=[new]) for _ in range(4)]
    for thread in threads[4:]:
        thread.start()
    while served[0] < 400 and not failures:
        stop.wait(0.05)
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures, failures[0]
    admin.ask("DELETE", f"/users/{user['id']}/keys/{user['access_key_id']}")
    refused(lambda: old.get_object(Bucket=bucket, Key="open/june.csv"), "InvalidAccessKeyId")
    new.get_object(Bucket=bucket, Key="open/june.csv")
    print(f"iam: rotated under load, {served[0]} requests with both keys, none failed")


def client(user):
    return boto3.client(
        "s3",
        config=ONE_TRY,
        aws_access_key_id=user["access_key_id"],
        aws_secret_access_key=user["secret_access_key"],
    )


def refused(call, code):
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return
    raise AssertionError(f"served, though {code} was due")


class Admin:
    def __init__(self, password):
        context = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE"))
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
        )
        self.ask("POST", "/login", {"password": password})

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(API + path, data=data, method=method)
        with self.opener.open(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None


main()
