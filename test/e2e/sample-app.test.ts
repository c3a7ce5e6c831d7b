import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { bootstrap, deploy, destroy, type CdkApp } from "../../infra/emulator/cdk.ts";
import { UsersPackage } from "../package/users-package.ts";
import { endpoint, skipNote } from "./emulator.ts";
import { region } from "./test-app.ts";

/** Where AWS is, and who asks. */
const cloud = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith("AWS_")));
const stack = `Sample${randomBytes(3).toString("hex")}`;

const pipelines = `
import { pipeline, step } from "skein";
import { z } from "zod";

const shout = step(
  { name: "shout", input: z.object({ word: z.string() }), output: z.string(), runtime: "isolated" },
  ({ word }) => word.toUpperCase(),
);
const join = step({ name: "join", input: z.object({ words: z.array(z.string()) }), output: z.string() }, ({ words }) => words.join(" "));

export const sentence = pipeline({ name: "sentence", params: z.object({ words: z.array(z.string()) }) }, ({ words }) =>
  join({ words: shout.map({ word: words }) }),
);
`;

/** All that somebody writes to have pipelines in the cloud. */
const app = `
import { App, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Skein } from "skein/cdk";

const app = new App();
const stack = new Stack(app, "${stack}");
new Skein(stack, "Skein", { catalogue: "pipelines.ts", removalPolicy: RemovalPolicy.DESTROY });
`;

describe.skipIf(endpoint === undefined)(`an app that installs the package${skipNote}`, () => {
  let user: UsersPackage;
  let cdk: CdkApp | undefined;

  beforeAll(async () => {
    user = await UsersPackage.create();
    await user.link(...Object.keys(manifest.peerDependencies));
    await Promise.all([user.write("pipelines.ts", pipelines), user.write("app.ts", app)]);
    cdk = { command: `${process.execPath} app.ts`, cwd: user.folder };
    await bootstrap(region);
  }, 180_000);

  afterAll(async () => {
    if (cdk === undefined) return;
    await destroy(cdk, [stack]);
    await user.remove();
  }, 60_000);

  test("deploys its own pipelines with ten lines, and runs them with the package's own command", async () => {
    expect(app.trim().split("\n").length).toBeLessThanOrEqual(10);
    const outputs = await deploy(cdk!, [stack]);
    await user.write("outputs.json", JSON.stringify(outputs));
    const params = JSON.stringify({ words: ["ten", "lines", "are", "enough"] });
    const skein = join(user.folder, "node_modules/.bin/skein");
    const ended = await user.run(skein, ["run", "sentence", "--stack-outputs", "outputs.json", "--params", params, "--json"], cloud);
    expect(ended).toMatchObject({ code: 0 });
    const { run, values } = JSON.parse(ended.stdout);
    expect(run).toMatchObject({ pipeline: "sentence", status: "completed", steps: { completed: 5 } });
    expect(values).toEqual({ output: "TEN LINES ARE ENOUGH" });
  }, 120_000);
});
