"""boto3, as shipped but for the style of addresses."""

import boto3
import botocore.exceptions
from botocore.config import Config
from report import BUCKET, CA, ENDPOINT, FILES, REGION, ROOT, SMALL, USER, VIRTUAL, WORK
from report import fetch, none, same, same_file, step, version


def client(pair, **more):
    return boto3.client(
        "s3",
        endpoint_url=ENDPOINT,
        region_name=REGION,
        aws_access_key_id=pair[0],
        aws_secret_access_key=pair[1],
        verify=CA,
        config=Config(s3={"addressing_style": "virtual" if VIRTUAL else "path"}, **more),
    )


S3 = client(ROOT)
AS_USER = client(USER)


def main():
    version(boto3.__version__)
    step("make-bucket", S3.create_bucket, Bucket=BUCKET)
    step("upload", upload)
    step("multipart", multipart)
    step("list", list_keys)
    step("range", ranged)
    step("presign", presign)
    step("copy", copy)
    none("sync")
    step("batch-delete", batch)
    step("grant", grant)
    step("access-denied", denied)
    step("remove-bucket", remove)


def upload():
    S3.put_object(Bucket=BUCKET, Key="small file+ü", Body=SMALL, Metadata={"colour": "blue"})
    answer = S3.get_object(Bucket=BUCKET, Key="small file+ü")
    same(answer["Body"].read(), SMALL)
    same(answer["Metadata"], {"colour": "blue"})


def multipart():
    S3.upload_file(str(FILES / "large"), BUCKET, "large")
    S3.download_file(BUCKET, "large", str(WORK / "down"))
    same_file(WORK / "down", FILES / "large")


def list_keys():
    pages = S3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, PaginationConfig={"PageSize": 1})
    same([entry["Key"] for page in pages for entry in page["Contents"]], ["large", "small file+ü"])


def ranged():
    answer = S3.get_object(Bucket=BUCKET, Key="large", Range="bytes=1000-1999")
    same(answer["Body"].read(), (FILES / "large").read_bytes()[1000:2000])


def presign():
    # As shipped it presigns by Signature Version 2; the guide names this setting.
    newer = client(ROOT, signature_version="s3v4")
    where = {"Bucket": BUCKET, "Key": "small file+ü"}
    same(fetch(newer.generate_presigned_url("get_object", Params=where, ExpiresIn=60)), SMALL)


def copy():
    S3.copy({"Bucket": BUCKET, "Key": "large"}, BUCKET, "copied")
    same(S3.head_object(Bucket=BUCKET, Key="copied")["ContentLength"], 100 * 1024 * 1024)


def batch():
    answer = S3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "copied"}, {"Key": "large"}]})
    same(len(answer["Deleted"]), 2)


def grant():
    AS_USER.put_object(Bucket=BUCKET, Key="granted/small", Body=SMALL)
    same(AS_USER.get_object(Bucket=BUCKET, Key="granted/small")["Body"].read(), SMALL)
    listed = AS_USER.list_objects_v2(Bucket=BUCKET, Prefix="granted/")["Contents"]
    same([entry["Key"] for entry in listed], ["granted/small"])


def denied():
    try:
        AS_USER.put_object(Bucket=BUCKET, Key="outside", Body=SMALL)
    except botocore.exceptions.ClientError as error:
        same(error.response["Error"]["Code"], "AccessDenied")
    else:
        raise AssertionError("served")


def remove():
    for entry in S3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        S3.delete_object(Bucket=BUCKET, Key=entry["Key"])
    S3.delete_bucket(Bucket=BUCKET)


main()
