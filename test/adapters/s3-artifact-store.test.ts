import { randomBytes } from "node:crypto";
import { CreateBucketCommand, HeadObjectCommand, ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, test } from "vitest";
import { S3ArtifactStore } from "../../src/adapters/aws/s3-artifact-store.ts";
import { makeS3Client } from "../../src/adapters/aws/s3-client.ts";
import { artifactStoreContract } from "../contracts/artifact-store.contract.ts";

const endpoint = process.env["AWS_ENDPOINT_URL"];
const reason = endpoint === undefined ? " (SKIPPED: AWS_ENDPOINT_URL is not set)" : "";
if (reason !== "") process.stderr.write(`S3 artifact store against a server${reason}\n`);

describe.skipIf(endpoint === undefined)(`S3 artifact store against a server${reason}`, () => {
  const client = makeS3Client({ endpoint });
  const bucket = `skein-test-${randomBytes(6).toString("hex")}`;
  beforeAll(async () => {
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
  });

  artifactStoreContract("S3", { bounded: true }, async () => {
    const prefix = `p${randomBytes(6).toString("hex")}/artifacts`;
    return {
      store: new S3ArtifactStore({ bucket, prefix, endpoint }),
      other: new S3ArtifactStore({ bucket, prefix, endpoint }),
      debris: async () => {
        const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
        return (Uploads ?? []).map((u) => u.Key ?? "").filter((key) => key.startsWith(prefix));
      },
      remove: async () => {},
    };
  });

  const counted = () => {
    const requests: string[] = [];
    return {
      requests,
      store: new S3ArtifactStore({
        bucket,
        prefix: randomBytes(6).toString("hex"),
        endpoint,
        onRequest: (operation) => requests.push(operation),
      }),
    };
  };

  test("costs one request a put and a get, of bytes and of short streams", async () => {
    const { store, requests } = counted();
    await store.put("run/a", Buffer.from("x"));
    await store.put(
      "run/b",
      (async function* () {
        yield Buffer.from("x");
      })(),
    );
    await store.get("run/a");
    await store.getRange("run/a", 0, 1);
    expect(requests).toEqual(["PutObject", "PutObject", "GetObject", "GetObject"]);
  });

  test("sends long streams in parts of 8 MB", async () => {
    const { store, requests } = counted();
    await store.put(
      "run/a",
      (async function* () {
        for (let i = 0; i < 20; i++) yield Buffer.alloc(1 << 20, i);
      })(),
    );
    expect(requests.toSorted()).toEqual(["CompleteMultipartUpload", "CreateMultipartUpload", "UploadPart", "UploadPart", "UploadPart"]);
    expect(Buffer.from(await store.getRange("run/a", (8 << 20) - 1, (8 << 20) + 1))).toEqual(Buffer.from([7, 8]));
  });

  test("keeps what is there from a long stream, too", async () => {
    const { store, requests } = counted();
    const long = async function* () {
      for (let i = 0; i < 9; i++) yield Buffer.alloc(1 << 20, 1);
    };
    const first = await store.put("run/a", long());
    expect(await store.put("run/a", long())).toEqual({ ...first, stored: false });
    expect(requests.slice(-1)).toEqual(["AbortMultipartUpload"]);
  });

  test("stores the media type, and a checksum of what was sent", async () => {
    const store = new S3ArtifactStore({ bucket, endpoint });
    const { digest } = await store.put("media/json", Buffer.from("{}"), { mediaType: "application/json" });
    await store.put("media/none", Buffer.from("{}"));
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: "media/json", ChecksumMode: "ENABLED" }));
    expect(head.ContentType).toBe("application/json");
    expect(Buffer.from(head.ChecksumSHA256 ?? "", "base64").toString("hex")).toBe(digest);
    expect((await client.send(new HeadObjectCommand({ Bucket: bucket, Key: "media/none" }))).ContentType).toBe("application/octet-stream");
  });

  test("gives URLs that read without credentials, for a while", async () => {
    const store = new S3ArtifactStore({ bucket, prefix: "signed", endpoint });
    await store.put("run/fit[3]/a", Buffer.from("content"), { mediaType: "text/plain" });
    const url = await store.presign("run/fit[3]/a", 60);
    const answer = await fetch(url);
    expect([answer.status, answer.headers.get("content-type"), await answer.text()]).toEqual([200, "text/plain", "content"]);
    expect(new URL(url).searchParams.get("X-Amz-Expires")).toBe("60");
    for (const seconds of [0, -1, 1.5, 604_801, Number.NaN])
      await expect(store.presign("run/a", seconds)).rejects.toMatchObject({ code: "bad_option" });
    await store.close();
  });

  test("says that there is no such bucket", async () => {
    const store = new S3ArtifactStore({ bucket: "skein-no-such-bucket", endpoint });
    await expect(store.put("run/a", Buffer.from("x"))).rejects.toMatchObject({
      code: "store_unwritable",
      message: expect.stringContaining("no such bucket"),
    });
    await expect(store.get("run/a")).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringContaining("s3://skein-no-such-bucket/run/a"),
    });
  });
});
