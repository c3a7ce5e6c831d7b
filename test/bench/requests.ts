import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bootstrap, deploy, destroy, type CdkApp } from "../../infra/emulator/cdk.ts";
import { BenchStack } from "./bench-stack.ts";
import { budgets, figuresOf, judged } from "./figures.ts";
import { idleMonth } from "./idle.ts";
import { printTable, writeResults, type Measure } from "./measure.ts";
import { priceOf } from "./prices.ts";
import { plus, times, type Usage } from "./usage.ts";
import { works, type Work } from "./works.ts";

/**
 * Counts what each kind of work asks of AWS, in an emulator: requests and units are the same there, durations are not. Parts are names of
 * works; none named means all but the slow ones. `--stacks NAME` keeps the stacks under that name and takes them up again.
 */
const usage = "Usage: npm run bench:requests [-- [--stacks NAME] [WORK ...]]";
const endpoint = process.env["AWS_ENDPOINT_URL"];
const region = process.env["AWS_REGION"] ?? "us-east-1";

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { stacks: { type: "string" } } });
  const unknown = positionals.filter((name) => !works.some((work) => work.name === name));
  if (unknown.length > 0) fail(`There is no work ${unknown.join(", ")}: works are ${works.map(({ name }) => name).join(", ")}.\n${usage}`);
  if (endpoint === undefined)
    fail(
      "AWS_ENDPOINT_URL is not set. The requests are counted in an emulator: `npm run emulator` starts one and says what to set. " +
        "(In an account of AWS this would deploy three stacks and cost a little; the counts would be the same.)",
    );
  const asked = works.filter(({ name, isSlow }) => (positionals.length === 0 ? isSlow !== true : positionals.includes(name)));
  const name = values.stacks ?? `Bench${randomBytes(3).toString("hex")}`;
  const app: CdkApp = {
    command: `${process.execPath} ${join(import.meta.dirname, "fixtures/requests-app.ts")}`,
    cwd: join(import.meta.dirname, "../.."),
    context: { name },
  };
  const stacks = [...new Set(asked.map(({ stack }) => name + stack))];
  console.log(`Deploying ${stacks.join(", ")} to ${endpoint} …`);
  await bootstrap(region);
  const outputs = await deploy(app, stacks);
  try {
    const deployed = new Map(Object.entries(outputs).map(([stack, of]) => [stack.slice(name.length), new BenchStack(of, endpoint)]));
    await measure(asked, deployed);
  } finally {
    if (values.stacks === undefined) await destroy(app, stacks);
  }
}

async function measure(asked: readonly Work[], deployed: ReadonlyMap<string, BenchStack>): Promise<void> {
  const measures: Measure[] = [];
  console.log(
    `\n${row("each of", ["WU", "RU", "writes", "reads", "lost", "PUT", "GET", "invokes", "turns", "log B", "$/M", "+comp.", "+S3", "+logs"])}`,
  );
  for (const work of asked) {
    const stack = deployed.get(work.stack);
    if (stack === undefined) throw new Error(`no stack ${work.stack} was deployed`);
    await stack.warmUp();
    const trials: Usage[] = [];
    for (let i = 0; i < (work.trials ?? 1); i++) trials.push(await work.measure(stack));
    const figures = figuresOf(work.name, trials, work.items);
    measures.push(...figures);
    console.log(row(work.about, cells(times(1 / trials.length, plus(...trials)))));
  }
  const { budgeted, missed } = judged(measures);
  console.log("\nWU, RU: write and read units; lost: writes whose condition failed, among the writes; turns: that wrote something;");
  console.log("$/M: dollars for a million in requests to DynamoDB, Lambda and SQS, then with the engine's compute, with S3, with logs.\n");
  printTable(budgeted, budgets);
  for (const [stack, one] of deployed) {
    console.log(`\nRows of ${stack}, bytes (a write unit is 1,024):`);
    for (const { kind, rows, average, largest } of await one.rowSizes())
      console.log(`  ${kind.padEnd(26)} ${String(rows).padStart(7)}  average ${average.toFixed(0).padStart(5)}  largest ${largest}`);
  }
  const sweeps = await deployed.values().next().value?.usageOfSweeps();
  if (sweeps !== undefined) printIdle(sweeps);
  writeResults(measures, "bench-requests.json");
  if (missed.length > 0) console.log(`\nMISSED: ${missed.join(", ")}`);
}

function printIdle(sweeps: Usage): void {
  console.log("\nA deployment that does nothing, a month:");
  for (const { what, times: amount, usd } of idleMonth(sweeps))
    console.log(`  ${what.padEnd(62)} ${String(amount).padStart(9)}  $${usd.toFixed(3)}`);
}

function cells(usage: Usage): readonly string[] {
  const { requests, compute, s3, logs } = priceOf(usage);
  const { writeUnits, readUnits, writes, reads, failedConditions, puts, gets, invokes, turns, logBytes } = usage;
  const counts = [writeUnits, readUnits, writes, reads, failedConditions, puts, gets, invokes, turns].map((count) => count.toFixed(2));
  const dollars = [requests, requests + compute, requests + compute + s3, requests + compute + s3 + logs].map((usd) => usd.toFixed(2));
  return [...counts, logBytes.toFixed(0), ...dollars];
}

function row(name: string, values: readonly string[]): string {
  return name.padEnd(44) + values.map((value) => value.padStart(8)).join("");
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

await main();
