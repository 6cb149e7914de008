"""minio-py, as shipped."""

import minio
import urllib3
from minio.commonconfig import CopySource
from minio.deleteobjects import DeleteObject
from report import BUCKET, CA, ENDPOINT, FILES, REGION, ROOT, SMALL, USER, VIRTUAL, WORK
from report import fetch, none, same, same_file, step, version


def client(pair):
    made = minio.Minio(
        endpoint=ENDPOINT.split("://")[1],
        secure=CA is not None,
        region=REGION,
        access_key=pair[0],
        secret_key=pair[1],
        http_client=urllib3.PoolManager(ca_certs=CA, cert_reqs="CERT_REQUIRED"),
    )
    if VIRTUAL:
        made.enable_virtual_style_endpoint()
    return made


S3 = client(ROOT)
AS_USER = client(USER)


def main():
    version(minio.__version__)
    step("make-bucket", S3.make_bucket, bucket_name=BUCKET)
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
    S3.fput_object(bucket_name=BUCKET, object_name="small file+ü", file_path=str(FILES / "small"))
    same(read(S3, "small file+ü"), SMALL)


def read(s3, key, **more):
    answer = s3.get_object(bucket_name=BUCKET, object_name=key, **more)
    try:
        return answer.read()
    finally:
        answer.close()
        answer.release_conn()


def multipart():
    S3.fput_object(bucket_name=BUCKET, object_name="large", file_path=str(FILES / "large"), part_size=8 * 1024 * 1024)
    S3.fget_object(bucket_name=BUCKET, object_name="large", file_path=str(WORK / "down"))
    same_file(WORK / "down", FILES / "large")


def list_keys():
    same([entry.object_name for entry in S3.list_objects(bucket_name=BUCKET, recursive=True)], ["large", "small file+ü"])


def ranged():
    same(read(S3, "large", offset=1000, length=1000), (FILES / "large").read_bytes()[1000:2000])


def presign():
    same(fetch(S3.presigned_get_object(bucket_name=BUCKET, object_name="small file+ü")), SMALL)


def copy():
    source = CopySource(bucket_name=BUCKET, object_name="large")
    S3.copy_object(bucket_name=BUCKET, object_name="copied", source=source)
    same(S3.stat_object(bucket_name=BUCKET, object_name="copied").size, 100 * 1024 * 1024)


def batch():
    keys = [DeleteObject("copied"), DeleteObject("large")]
    same(list(S3.remove_objects(bucket_name=BUCKET, delete_object_list=keys)), [])
    same([entry.object_name for entry in S3.list_objects(bucket_name=BUCKET)], ["small file+ü"])


def grant():
    AS_USER.fput_object(bucket_name=BUCKET, object_name="granted/small", file_path=str(FILES / "small"))
    same(read(AS_USER, "granted/small"), SMALL)
    listed = AS_USER.list_objects(bucket_name=BUCKET, prefix="granted/")
    same([entry.object_name for entry in listed], ["granted/small"])


def denied():
    try:
        AS_USER.fput_object(bucket_name=BUCKET, object_name="outside", file_path=str(FILES / "small"))
    except minio.error.S3Error as error:
        same(error.code, "AccessDenied")
    else:
        raise AssertionError("served")


def remove():
    for entry in S3.list_objects(bucket_name=BUCKET, recursive=True):
        S3.remove_object(bucket_name=BUCKET, object_name=entry.object_name)
    S3.remove_bucket(bucket_name=BUCKET)


main()
