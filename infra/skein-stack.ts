import { Stack } from "aws-cdk-lib";
import type { StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { join } from "node:path";
import { datasetFiles } from "./dataset-files.ts";
import { Skein } from "./skein.ts";

/** This repository's own deployment: the example pipelines, with the data that they read. */
export class SkeinStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, { description: "Skein with its example pipelines", ...props });
    new Skein(this, "Skein", {
      catalogue: join(import.meta.dirname, "../handlers/pipelines/catalogue.ts"),
      files: datasetFiles(["airports.csv", "flights-3m.parquet", "seattle-weather.csv"]),
    });
  }
}
