import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { UsersPackage } from "./users-package.ts";

const program = `
import { pipeline, step } from "skein";
import { z } from "zod";

export const greet = step(
  { name: "greet", input: z.object({ name: z.string() }), output: z.string() },
  ({ name }) => "Hello, " + name,
);

export const count = step(
  { name: "count", input: z.object({ text: z.string() }), output: z.number() },
  ({ text }) => text.length,
);

export const shout = step(
  { name: "shout", input: z.object({ text: z.string(), times: z.number() }), outputs: { text: z.string(), pid: z.number() }, runtime: "isolated" },
  ({ text, times }) => ({ text: text.toUpperCase() + "!".repeat(times), pid: process.pid }),
);

export const hello = pipeline({ name: "hello", params: z.object({ name: z.string().default("world") }) }, async ({ name }) => {
  const greeting = await greet({ name });
  const length = count.submit({ text: greeting });
  const loud = await shout({ text: greeting, times: length });
  return { text: loud.text, length };
});
`;

/** Each line under an \`expect-error\` must not compile: types that got lost on the way would let it. */
const wrong = `
import { type Artifact, pipeline, step } from "skein";
import { z } from "zod";
import { greet, shout } from "./pipeline.ts";

// @ts-expect-error a wrong input
greet.submit({ name: 5 });
// @ts-expect-error a missing input
greet.submit();
// @ts-expect-error an output that there is not
shout.submit({ text: "x", times: 1 }).volume;
// @ts-expect-error a value as a result
pipeline({ name: "raw" }, async () => 5);
// @ts-expect-error a result that does not fit its schema
step({ name: "bad", output: z.number() }, () => "five");

const future = shout.submit({ text: greet.submit({ name: "x" }), times: 1 });
export const text: Promise<string> = future.text.load();
export const artifact: Promise<Artifact<number>> = future.pid.result();
`;

/** What a user on AWS begins with. */
const onAws = `
import { App, Stack } from "aws-cdk-lib";
import { DynamoDbStateStore, makeDynamoDbClient, S3ArtifactStore } from "skein/aws";
import { ArtifactBucket, StateTable } from "skein/cdk";

const state = new DynamoDbStateStore({ client: makeDynamoDbClient({ region: "eu-central-1" }), table: "t" });
const artifacts = new S3ArtifactStore({ region: "eu-central-1", bucket: "b" });
console.log(artifacts.uri("k"));
await state.close();

// @ts-expect-error a bucket is missing
new S3ArtifactStore({});
const app = new App();
const stack = new Stack(app, "Skein");
new StateTable(stack, "State");
new ArtifactBucket(stack, "Artifacts");
// @ts-expect-error an unknown property
new StateTable(new Stack(), "Other", { color: "red" });
const { Resources }: { Resources: Record<string, { Type: string }> } = app.synth().getStackByName("Skein").template;
console.log(Object.values(Resources).map((resource) => resource.Type).filter((type) => /Table|Bucket$/.test(type)).join());
`;

const compilerOptions = {
  target: "es2024",
  module: "nodenext",
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noUnusedLocals: true,
  erasableSyntaxOnly: true,
  verbatimModuleSyntax: true,
  allowImportingTsExtensions: true,
  noEmit: true,
  skipLibCheck: false,
  types: [],
};

describe("the package, installed alone by somebody", () => {
  let user: UsersPackage;

  beforeAll(async () => {
    user = await UsersPackage.create();
    await user.write("pipeline.ts", program);
    await user.write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  }, 180_000);

  afterAll(() => user.remove());

  it("holds JavaScript, declarations, licence and README, no sources and no tests", () => {
    expect(user.packed).toEqual(
      expect.arrayContaining(["LICENSE", "README.md", "package.json", "dist/src/index.js", "dist/src/index.d.ts"]),
    );
    expect(user.packed.filter((path) => /^(src|test|handlers)\//.test(path) || (path.endsWith(".ts") && !path.endsWith(".d.ts")))).toEqual(
      [],
    );
  });

  it("has every door and the command that its manifest names", () => {
    const doors = Object.values(manifest.exports).flatMap((door) => (typeof door === "string" ? [door] : Object.values(door)));
    const files = [...doors, ...Object.values(manifest.bin)].map((path) => path.replace("./", ""));
    expect(user.packed).toEqual(expect.arrayContaining(files));
  });

  it("brings no AWS package along", () => {
    expect(existsSync(join(user.folder, "node_modules/zod"))).toBe(true);
    expect(existsSync(join(user.folder, "node_modules/@aws-sdk"))).toBe(false);
  });

  it("opens its doors that need nothing else", async () => {
    const script = `const doors = await Promise.all([import("skein"), import("skein/testing")]); console.log(doors.map((door) => typeof door).join());`;
    expect(await user.run("node", ["--input-type=module", "-e", script])).toMatchObject({ code: 0, stdout: "object,object\n" });
  });

  it.each([
    ["skein/aws", "@aws-sdk/client-dynamodb"],
    ["skein/cdk", "aws-cdk-lib"],
  ])("says by Node's own error what %s needs where it is not installed", async (door, needed) => {
    const script = `await import("${door}").catch((error) => console.log(error.code, error.message));`;
    const { stdout } = await user.run("node", ["--input-type=module", "-e", script]);
    expect(stdout).toContain(`ERR_MODULE_NOT_FOUND Cannot find package '${needed}' imported from`);
  });

  it("has types that hold under the strictest settings", async () => {
    await user.write("wrong.ts", wrong);
    // The pipeline itself says \`process\`, which a user without Node's types declares.
    await user.write("process.d.ts", "declare const process: { readonly pid: number };");
    expect(await user.check()).toMatchObject({ stdout: "", code: 0 });
  });

  it("runs a pipeline of one file from the command line, in all three places", async () => {
    const ended = await user.run("npx", ["skein", "run", "hello", "--catalogue", "pipeline.ts", "--json"]);
    expect(ended).toMatchObject({ code: 0 });
    const { run, values } = JSON.parse(ended.stdout);
    expect(run).toMatchObject({ pipeline: "hello", status: "completed", params: {}, steps: { completed: 3 } });
    expect(values).toEqual({ text: "HELLO, WORLD!!!!!!!!!!!!", length: 12 });

    const shown = await user.run("npx", ["skein", "show", run.id, "--json"]);
    const { steps } = JSON.parse(shown.stdout);
    const places = steps.map((s: { step: string; attempts: { ranIn: { kind: string } }[] }) => [s.step, s.attempts[0]?.ranIn.kind]);
    expect(Object.fromEntries(places)).toEqual({ greet: "orchestrator", count: "thread", shout: "process" });
  });

  it("opens its doors to AWS, with their types, where what they need is installed too", async () => {
    await user.link("@aws-sdk/client-dynamodb", "@aws-sdk/client-s3", "@aws-sdk/lib-storage", "aws-cdk-lib", "constructs", "@types/node");
    await user.write("aws.ts", onAws);
    const options = { ...compilerOptions, skipLibCheck: true, types: ["node"] };
    await user.write("tsconfig.json", JSON.stringify({ compilerOptions: options, include: ["aws.ts"] }));
    expect(await user.check()).toMatchObject({ stdout: "", code: 0 });
    expect(await user.run("node", ["aws.ts"])).toMatchObject({ code: 0, stdout: "s3://b/k\nAWS::DynamoDB::Table,AWS::S3::Bucket\n" });
  });

  it("ends with 2 and creates nothing where the input is wrong", async () => {
    const wrongParams = ["skein", "run", "hello", "--catalogue", "pipeline.ts", "--params", `{"name": 5}`, "--json"];
    const ended = await user.run("npx", wrongParams);
    expect(ended.code).toBe(2);
    expect(ended.stdout + ended.stderr).toContain("invalid_params");
  });
});
