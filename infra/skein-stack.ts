import { Stack } from "aws-cdk-lib";
import type { RemovalPolicy, StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { join } from "node:path";
import { datasetFiles } from "./dataset-files.ts";
import { Skein } from "./skein.ts";

export interface SkeinStackProps extends StackProps {
  /** What happens to data when the stack is deleted. Default: they stay. */
  readonly removalPolicy?: RemovalPolicy;
}

/** This repository's own deployment: the example pipelines, with the data that they read. */
export class SkeinStack extends Stack {
  constructor(scope: Construct, id: string, { removalPolicy, ...props }: SkeinStackProps = {}) {
    super(scope, id, { description: "Skein with its example pipelines", ...props });
    new Skein(this, "Skein", {
      catalogue: join(import.meta.dirname, "../handlers/pipelines/catalogue.ts"),
      files: datasetFiles(["airports.csv", "flights-3m.parquet", "seattle-weather.csv"]),
      ...(removalPolicy === undefined ? {} : { removalPolicy }),
    });
  }
}
