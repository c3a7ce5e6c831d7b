import { join } from "node:path";
import type { CdkApp } from "../../infra/emulator/cdk.ts";

export const region = process.env["AWS_REGION"] ?? "us-east-1";

/** The CDK app beside this file; `code` is the version of what its stack `Versions` deploys. */
export function testApp(name: string, code: "1" | "2" = "1"): CdkApp {
  return {
    command: `${process.execPath} ${join(import.meta.dirname, "app.ts")}`,
    cwd: join(import.meta.dirname, "../.."),
    context: { name, code },
  };
}
