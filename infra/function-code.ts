import { AssetHashType, BundlingOutput, DockerImage } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import type { Bundle } from "./bundle.ts";
import { writeBundle } from "./write-bundle.ts";

/** A bundle as the code of functions: the same sources give the same code, and no new versions. Built once in a synthesis. */
export function functionCode(bundle: Bundle): Code {
  return Code.fromAsset(import.meta.dirname, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry("unused"),
      outputType: BundlingOutput.NOT_ARCHIVED,
      // By this, CDK knows again a bundle that it has built.
      environment: { bundle: JSON.stringify(bundle) },
      local: {
        tryBundle(folder) {
          writeBundle(bundle, folder);
          return true;
        },
      },
    },
  });
}
