import { App, Stack, Validations } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { Key } from "aws-cdk-lib/aws-kms";
import { AwsSolutionsChecks } from "cdk-nag";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { Skein, type SkeinProps } from "../../infra/cdk.ts";
import { SkeinStack } from "../../infra/skein-stack.ts";
import { catalogue } from "./skein-template.ts";

interface Report {
  readonly pluginReports: readonly {
    readonly violations: readonly {
      readonly ruleName: string;
      readonly violatingConstructs: readonly { readonly constructPath: string }[];
    }[];
  }[];
}

/** What AWS's rules for solutions find, as `rule: construct`. */
function findings(build: (app: App) => void): readonly string[] {
  const app = new App({ context: { "aws:cdk:bundling-stacks": [] } });
  build(app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  // Findings are printed, and end the synthesis.
  const printed = vi.spyOn(console, "error").mockReturnValue();
  try {
    app.synth();
    return [];
  } catch {
    const report = JSON.parse(readFileSync(join(app.outdir, "validation-report.json"), "utf8")) as Report;
    return report.pluginReports.flatMap(({ violations }) =>
      violations.flatMap(({ ruleName, violatingConstructs }) =>
        violatingConstructs.map(({ constructPath }) => `${ruleName}: ${constructPath}`),
      ),
    );
  } finally {
    printed.mockRestore();
  }
}

const withProps = (props: (stack: Stack) => Omit<SkeinProps, "catalogue">) => (app: App) => {
  const stack = new Stack(app, "Test");
  new Skein(stack, "Skein", { catalogue, ...props(stack) });
};

describe("AWS's rules for solutions", () => {
  it("have nothing against the deployment of this repository", () => {
    expect(findings((app) => new SkeinStack(app, "Skein"))).toEqual([]);
  });

  it("have nothing against what the construct can be asked for", () => {
    const keyed = withProps((stack) => ({ auth: "apiKey", encryptionKey: new Key(stack, "Key", { enableKeyRotation: true }) }));
    expect(findings(keyed)).toEqual([]);
  });

  it("are asked: an open bucket is found", () => {
    expect(findings((app) => new Bucket(new Stack(app, "Test"), "Bucket"))).toContain("AwsSolutions-S10: Test/Bucket/Resource");
  });
});
