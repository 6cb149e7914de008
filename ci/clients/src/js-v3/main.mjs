// Drives the AWS SDK for JavaScript v3, as ci/clients/README.md says.
import assert from "node:assert/strict";
import { createReadStream, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  paginateListObjectsV2,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const env = process.env;
const Bucket = env.S3_BUCKET;
const largeFile = join(env.S3_FILES, "large");
const small = readFileSync(join(env.S3_FILES, "small"));
const large = readFileSync(largeFile);
const root = client(env.S3_KEY, env.S3_SECRET);
const user = client(env.S3_USER_KEY, env.S3_USER_SECRET);

function client(accessKeyId, secretAccessKey) {
  return new S3Client({
    endpoint: env.S3_ENDPOINT,
    region: env.S3_REGION,
    forcePathStyle: env.S3_STYLE === "path",
    credentials: { accessKeyId, secretAccessKey },
  });
}

const put = (s3, Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body: small }));

async function read(s3, Key, Range) {
  const answer = await s3.send(new GetObjectCommand({ Bucket, Key, Range }));
  return Buffer.from(await answer.Body.transformToByteArray());
}

async function keys(s3, Prefix) {
  const found = [];
  for await (const page of paginateListObjectsV2({ client: s3, pageSize: 1 }, { Bucket, Prefix })) {
    found.push(...(page.Contents ?? []).map((entry) => entry.Key));
  }
  return found;
}

const same = (found, expected) => assert.ok(found.equals(expected), `${found.length} bytes differ`);

const steps = {
  "make-bucket": () => root.send(new CreateBucketCommand({ Bucket })),
  upload: async () => {
    await put(root, "small file+ü");
    same(await read(root, "small file+ü"), small);
  },
  multipart: async () => {
    await new Upload({ client: root, params: { Bucket, Key: "large", Body: createReadStream(largeFile) } }).done();
    same(await read(root, "large"), large);
  },
  list: async () => assert.deepEqual(await keys(root), ["large", "small file+ü"]),
  range: async () => same(await read(root, "large", "bytes=1000-1999"), large.subarray(1000, 2000)),
  presign: async () => {
    const url = await getSignedUrl(root, new GetObjectCommand({ Bucket, Key: "small file+ü" }), { expiresIn: 60 });
    const answer = await fetch(url);
    assert.equal(answer.status, 200);
    same(Buffer.from(await answer.arrayBuffer()), small);
  },
  copy: async () => {
    await root.send(new CopyObjectCommand({ Bucket, Key: "copied", CopySource: `${Bucket}/large` }));
    same(await read(root, "copied"), large);
  },
  "batch-delete": async () => {
    const Objects = [{ Key: "copied" }, { Key: "large" }];
    const answer = await root.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    assert.equal(answer.Deleted.length, 2);
  },
  grant: async () => {
    await put(user, "granted/small");
    same(await read(user, "granted/small"), small);
    assert.deepEqual(await keys(user, "granted/"), ["granted/small"]);
  },
  "access-denied": () =>
    assert.rejects(put(user, "outside"), (error) => error instanceof S3ServiceException && error.name === "AccessDenied"),
  "remove-bucket": async () => {
    for (const Key of await keys(root)) await root.send(new DeleteObjectCommand({ Bucket, Key }));
    await root.send(new DeleteBucketCommand({ Bucket }));
  },
};

console.log("version", createRequire(import.meta.url)("@aws-sdk/client-s3/package.json").version);
console.log("none sync");
for (const [name, run] of Object.entries(steps)) {
  try {
    await run();
    console.log("ok", name);
  } catch (error) {
    console.error(name, error);
    console.log("fail", name);
  }
}
