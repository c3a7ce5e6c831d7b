import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Grant } from "aws-cdk-lib/aws-iam";
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";

export interface ArtifactBucketProps {
  /** Encrypts the objects, through a bucket key so that not each of them costs a request to KMS. Default: S3's own keys. */
  readonly encryptionKey?: IKey;
  /** How long artifacts stay after they were written, whole days. Default: for ever. */
  readonly expireAfter?: Duration;
  /** What happens to the bucket when it leaves the stack. Default `RETAIN`: no deployment loses artifacts. */
  readonly removalPolicy?: RemovalPolicy;
}

/** An upload ends within the invocation that began it, 15 minutes at most: parts of this age are of one that crashed. S3's least. */
const abandonedUpload = Duration.days(1);

const objectReads = ["s3:GetObject"];
/** An upload in parts that fails is aborted by who began it; a conditional put asks for no more than a put. */
const objectWrites = ["s3:PutObject", "s3:AbortMultipartUpload"];
/** Without it S3 answers 403 instead of 404 to a HEAD or GET of what is not there, and `has` could not say no. */
const bucketReads = ["s3:ListBucket"];

const keyReads = ["kms:Decrypt"];
/** Completing parts decrypts them: writing takes `keyReads` too. */
const keyWrites = ["kms:GenerateDataKey"];

/**
 * The one bucket of artifacts, as `S3ArtifactStore` expects it: private, encrypted, reached over TLS only.
 *
 * Not versioned: each key belongs to one attempt and is written once, conditionally, so there is never an older version to
 * come back to; versioning would only keep, and bill, what has expired.
 */
export class ArtifactBucket extends Construct {
  readonly bucket: Bucket;

  constructor(
    scope: Construct,
    id: string,
    { encryptionKey, expireAfter, removalPolicy = RemovalPolicy.RETAIN }: ArtifactBucketProps = {},
  ) {
    super(scope, id);
    this.bucket = new Bucket(this, "Bucket", {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: false,
      lifecycleRules: [
        { id: "abandoned-uploads", abortIncompleteMultipartUploadAfter: abandonedUpload },
        ...(expireAfter === undefined ? [] : [{ id: "expired", expiration: expireAfter }]),
      ],
      removalPolicy,
      ...(encryptionKey === undefined
        ? { encryption: BucketEncryption.S3_MANAGED }
        : { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }),
    });
  }

  /** Lets a function read artifacts and see which ones there are. */
  grantRead(grantee: IGrantable): Grant {
    return this.#grant(grantee, objectReads, keyReads);
  }

  /** Lets a function read artifacts and write new ones, and delete none. */
  grantReadWrite(grantee: IGrantable): Grant {
    return this.#grant(grantee, [...objectReads, ...objectWrites], [...keyReads, ...keyWrites]);
  }

  #grant(grantee: IGrantable, onObjects: string[], onKey: string[]): Grant {
    const granted = Grant.addToPrincipal({ grantee, actions: onObjects, resourceArns: [this.bucket.arnForObjects("*")] }).combine(
      Grant.addToPrincipal({ grantee, actions: bucketReads, resourceArns: [this.bucket.bucketArn] }),
    );
    const key = this.bucket.encryptionKey;
    return key === undefined ? granted : granted.combine(key.grant(grantee, ...onKey));
  }
}
