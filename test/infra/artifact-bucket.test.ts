import { RemovalPolicy, type Stack } from "aws-cdk-lib";
import type { Template } from "aws-cdk-lib/assertions";
import { Key } from "aws-cdk-lib/aws-kms";
import { describe, expect, it } from "vitest";
import { ArtifactBucket } from "../../infra/artifact-bucket.ts";
import { actionsOfExport } from "./command-actions.ts";
import { actionsOn, aFunctionsRole, arnOf, commandsSentTo, grantedIn, onlyOne, templateOf } from "./template.ts";

const bucketIn = (template: Template) => onlyOne(template, "AWS::S3::Bucket");
const withKey = (stack: Stack) => new ArtifactBucket(stack, "Artifacts", { encryptionKey: new Key(stack, "Key") });

describe("the artifact bucket", () => {
  const template = templateOf((stack) => new ArtifactBucket(stack, "Artifacts"));

  it("is closed to the public, and its owner owns all objects", () => {
    expect(bucketIn(template).Properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
    });
  });

  it.each([
    ["without TLS", { Bool: { "aws:SecureTransport": "false" } }],
    ["with an old TLS", { NumericLessThan: { "s3:TlsVersion": 1.2 } }],
  ])("refuses requests %s", (_, Condition) => {
    const arn = arnOf(template, "AWS::S3::Bucket");
    const refusal = { Effect: "Deny", Action: "s3:*", Principal: { AWS: "*" }, Condition };
    expect(onlyOne(template, "AWS::S3::BucketPolicy").Properties).toMatchObject({
      Bucket: { Ref: bucketIn(template).id },
      PolicyDocument: { Statement: expect.arrayContaining([{ ...refusal, Resource: [arn, { "Fn::Join": ["", [arn, "/*"]] }] }]) },
    });
  });

  it("is encrypted by S3", () => {
    expect(bucketIn(template).Properties["BucketEncryption"]).toEqual({
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
    });
  });

  it("is encrypted with the key that it is given, through a bucket key", () => {
    const keyed = templateOf(withKey);
    const byDefault = { SSEAlgorithm: "aws:kms", KMSMasterKeyID: arnOf(keyed, "AWS::KMS::Key") };
    expect(bucketIn(keyed).Properties["BucketEncryption"]).toEqual({
      ServerSideEncryptionConfiguration: [{ BucketKeyEnabled: true, ServerSideEncryptionByDefault: byDefault }],
    });
  });

  it("keeps no versions", () => {
    expect(bucketIn(template).Properties).not.toHaveProperty("VersioningConfiguration");
  });

  it("drops the parts of abandoned uploads after a day, and expires nothing else", () => {
    expect(bucketIn(template).Properties["LifecycleConfiguration"]).toEqual({
      Rules: [{ Id: "abandoned-uploads", Status: "Enabled", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }],
    });
  });

  it("outlives its stack, also where a deployment replaces it", () => {
    expect(bucketIn(template)).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
  });

  it("goes with its stack where that is asked for", () => {
    const passing = templateOf((stack) => new ArtifactBucket(stack, "Artifacts", { removalPolicy: RemovalPolicy.DESTROY }));
    expect(bucketIn(passing)).toMatchObject({ DeletionPolicy: "Delete", UpdateReplacePolicy: "Delete" });
  });
});

describe("a function that may use artifacts", () => {
  const readWrite = templateOf((stack) => new ArtifactBucket(stack, "Artifacts").grantReadWrite(aFunctionsRole(stack)));
  const read = templateOf((stack) => new ArtifactBucket(stack, "Artifacts").grantRead(aFunctionsRole(stack)));

  it("may send each command that the store sends, and nothing else", () => {
    const commands = [...commandsSentTo("@aws-sdk/client-s3"), ...commandsSentTo("@aws-sdk/lib-storage")];
    expect(commands).toContain("Upload");
    const needed = commands.flatMap(actionsOfExport);
    expect(actionsOn("s3", grantedIn(readWrite))).toEqual([...new Set(needed)].toSorted());
  });

  it("may not write where it was only let read", () => {
    expect(actionsOn("s3", grantedIn(read))).toEqual(["s3:GetObject", "s3:ListBucket"]);
  });

  it.each([
    ["reader", read],
    ["writer", readWrite],
  ])("reaches objects of this bucket alone: %s", (_, template) => {
    const arn = arnOf(template, "AWS::S3::Bucket");
    const objects = { "Fn::Join": ["", [arn, "/*"]] };
    const statements = grantedIn(template);
    expect(statements).toHaveLength(2);
    for (const { Action, Effect, Resource } of statements) {
      expect(Effect).toBe("Allow");
      expect(Resource).toEqual(Action === "s3:ListBucket" ? arn : objects);
    }
  });

  it("may use the bucket's key as far as it uses the bucket", () => {
    const keys = (grant: (bucket: ArtifactBucket, stack: Stack) => void) =>
      actionsOn("kms", grantedIn(templateOf((stack) => grant(withKey(stack), stack))));
    expect(keys((bucket, stack) => bucket.grantRead(aFunctionsRole(stack)))).toEqual(["kms:Decrypt"]);
    expect(keys((bucket, stack) => bucket.grantReadWrite(aFunctionsRole(stack)))).toEqual(["kms:Decrypt", "kms:GenerateDataKey"]);
    expect(actionsOn("kms", grantedIn(readWrite))).toEqual([]);
  });
});
