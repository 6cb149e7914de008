#!/usr/bin/env python3
"""Drives boto3 over every daily object operation at the endpoint of AWS_ENDPOINT_URL; then asks without rights."""

import hashlib
import io
import os
import ssl
import urllib.error
import urllib.request
import uuid

import boto3
from boto3.s3.transfer import TransferConfig
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

MIB = 1024 * 1024
SIGV4 = Config(signature_version="s3v4", retries={"total_max_attempts": 1})


def main():
    s3 = boto3.client("s3", config=SIGV4)
    bucket = f"tour-boto3-{uuid.uuid4()}"
    s3.create_bucket(Bucket=bucket)
    large = os.urandom(100 * MIB)
    copies(s3, bucket, large)
    small_objects(s3, bucket)
    checksums(s3, bucket)
    multipart(s3, bucket)
    presigned(s3, bucket)
    refused(bucket)
    removals(s3, bucket)
    print("boto3: all served")


def copies(s3, bucket, large):
    step("100 MiB up and down")
    many_parts = TransferConfig(multipart_chunksize=8 * MIB)
    s3.upload_fileobj(io.BytesIO(large), bucket, "large", Config=many_parts)
    down = io.BytesIO()
    s3.download_fileobj(bucket, "large", down, Config=many_parts)
    same(digest(down.getvalue()), digest(large))
    s3.put_object(Bucket=bucket, Key="large in one", Body=io.BytesIO(large))
    same(digest(s3.get_object(Bucket=bucket, Key="large in one")["Body"].read()), digest(large))
    s3.copy({"Bucket": bucket, "Key": "large in one"}, bucket, "large copied")
    same(s3.head_object(Bucket=bucket, Key="large copied")["ContentLength"], len(large))


def small_objects(s3, bucket):
    step("put, head, range, conditions, listings")
    for key in ["a", "b/c", "b/d/e", "with space+plus", "ü/ñ", "percent%20sign"]:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), Metadata={"of": "tour"})
        answer = s3.get_object(Bucket=bucket, Key=key)
        same(answer["Body"].read(), key.encode())
        same(answer["Metadata"], {"of": "tour"})
    same(s3.get_object(Bucket=bucket, Key="b/d/e", Range="bytes=2-3")["Body"].read(), b"d/")
    s3.put_object(Bucket=bucket, Key="empty", Body=b"")
    same(s3.head_object(Bucket=bucket, Key="empty")["ContentLength"], 0)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
    keys = [found["Key"] for page in pages for found in page.get("Contents", [])]
    same(keys, sorted(keys, key=str.encode))
    same(len(keys), 10)
    fails("NoSuchKey", s3.get_object, Bucket=bucket, Key="absent")
    fails("PreconditionFailed", s3.put_object, Bucket=bucket, Key="a", Body=b"again", IfNoneMatch="*")


def checksums(s3, bucket):
    step("checksums of the newer SDKs")
    for name in ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]:
        body = io.BytesIO(name.encode())
        try:
            s3.put_object(Bucket=bucket, Key=f"sum/{name}", Body=body, ChecksumAlgorithm=name)
        except Exception as error:  # boto3 computes some of them only with an extra package
            if type(error).__name__ != "MissingDependencyException":
                raise
            print(f"boto3: {name} left out, this boto3 cannot compute it")
            continue
        answer = s3.get_object(Bucket=bucket, Key=f"sum/{name}", ChecksumMode="ENABLED")
        same(answer["Body"].read(), name.encode())
        s3.delete_object(Bucket=bucket, Key=f"sum/{name}")


def multipart(s3, bucket):
    step("multipart by hand")
    target = {"Bucket": bucket, "Key": "parts"}
    upload = {**target, "UploadId": s3.create_multipart_upload(**target)["UploadId"]}
    bodies = [b"x" * (5 * MIB), b"the end"]
    parts = [
        {"PartNumber": number, "ETag": s3.upload_part(PartNumber=number, Body=body, **upload)["ETag"]}
        for number, body in enumerate(bodies, start=1)
    ]
    same(len(s3.list_parts(**upload)["Parts"]), 2)
    s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload)
    same(s3.get_object(**target)["Body"].read(), b"".join(bodies))


def presigned(s3, bucket):
    step("presigned put and get")
    where = {"Bucket": bucket, "Key": "by link"}
    put = s3.generate_presigned_url("put_object", Params=where, ExpiresIn=60)
    same(fetch(put, b"through a link", "PUT")[0], 200)
    get = s3.generate_presigned_url("get_object", Params=where, ExpiresIn=60)
    same(fetch(get), (200, b"through a link"))
    same(fetch(get.replace("by%20link", "a"))[0], 403)


def refused(bucket):
    step("refused: no credentials, a wrong secret, an unknown key")
    nobody = boto3.client("s3", config=Config(signature_version=UNSIGNED))
    fails("AccessDenied", nobody.list_objects_v2, Bucket=bucket)
    wrong = boto3.client("s3", config=SIGV4, aws_secret_access_key="wrong",
                         aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"])
    fails("SignatureDoesNotMatch", wrong.put_object, Bucket=bucket, Key="a", Body=b"no")
    stranger = boto3.client("s3", config=SIGV4, aws_access_key_id="AKIANOBODY", aws_secret_access_key="x")
    fails("InvalidAccessKeyId", stranger.list_buckets)


def removals(s3, bucket):
    step("batch delete, remove")
    keys = [{"Key": found["Key"]} for found in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})
    same(len(answer["Deleted"]), len(keys))
    s3.delete_bucket(Bucket=bucket)
    assert bucket not in [found["Name"] for found in s3.list_buckets()["Buckets"]]


def step(text):
    print(f"boto3: {text}", flush=True)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def same(found, expected):
    assert found == expected, f"expected {expected!r}, got {found!r}"


def fails(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        same(error.response["Error"]["Code"], code)
    else:
        raise AssertionError(f"served where {code} was due")


def fetch(url, body=None, method="GET"):
    """One plain request; status and body, whatever the status."""
    trust = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE")) if url.startswith("https") else None
    # urllib would add a content type that was not signed; S3 does not mind an unsigned one.
    request = urllib.request.Request(url, data=body, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60, context=trust) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


if __name__ == "__main__":
    main()
