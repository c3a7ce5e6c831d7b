import { appendFileSync, chmodSync, existsSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { until } from "../adapters/local/until.ts";
import { artifactList, runDetail } from "../cli/resource-schemas.ts";
import { Place, Skein, skein, skeinJson } from "../cli/skein.ts";
import { fixture } from "./refusal.ts";

const harms = {
  "one byte changed": (file: string) => {
    const bytes = readFileSync(file);
    bytes[70_000] = 0x21;
    writeFileSync(file, bytes);
  },
  "cut off": (file: string) => truncateSync(file, 1_000),
  emptied: (file: string) => truncateSync(file, 0),
  lengthened: (file: string) => appendFileSync(file, "x"),
  deleted: (file: string) => rmSync(file),
} as const;

type Harm = keyof typeof harms;
const codeOf = (harm: Harm) => (harm === "deleted" ? "artifact_missing" : "artifact_altered");

function artifactFile(place: Place): string {
  const artifacts = join(place.dir, "artifacts");
  const run = readdirSync(artifacts).find((name) => name.startsWith("run_")) ?? "";
  const file = readdirSync(join(artifacts, run)).find((name) => name.startsWith("write~")) ?? "";
  return join(artifacts, run, file);
}

/** Does the harm while the run stands between the step that wrote the artifact and what needs it. */
async function harmed(place: Place, pipeline: string, harm: Harm, isolated: boolean) {
  const gate = join(place.folder, "gate");
  const params = JSON.stringify({ gate, isolated });
  const run = Skein.start(place, ["run", pipeline, "--no-watch", "--catalogue", fixture("faulty.ts"), "--params", params]);
  await until(() => existsSync(`${gate}.waits`), "the run to reach its gate");
  const file = artifactFile(place);
  chmodSync(file, 0o600);
  harms[harm](file);
  writeFileSync(gate, "");
  return { ...(await run.ended), file };
}

describe("an artifact that was harmed", () => {
  it.each([
    ["one byte changed", false],
    ["one byte changed", true],
    ["cut off", false],
    ["emptied", false],
    ["lengthened", false],
    ["deleted", false],
    ["deleted", true],
  ] as const)("%s: fails the step that needs it (isolated: %s), which names it", async (harm, isolated) => {
    using place = new Place();
    const { code, stdout } = await harmed(place, "harmed", harm, isolated);
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: expect.stringContaining(`SkeinError ${codeOf(harm)}: Input "text" of step read`),
    });
    const detail = runDetail.parse((await skeinJson(place, ["show", "latest"])).json);
    expect(detail.run.error?.message).toContain(`${detail.run.id}.write.1.output`);
    expect(detail.steps.map(({ id, status }) => [id, status])).toEqual([
      ["write", "completed"],
      ["wait", "completed"],
      ["read", "failed"],
    ]);
  });

  it.each(["one byte changed", "deleted"] as const)("%s: fails the pipeline function that loads it", async (harm) => {
    using place = new Place();
    const { code, stdout } = await harmed(place, "looked", harm, false);
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining(`SkeinError ${codeOf(harm)}: `) });
  });

  it.each(["one byte changed", "deleted"] as const)("%s: is still listed, with the run and where it was", async (harm) => {
    using place = new Place();
    const { file } = await harmed(place, "harmed", harm, false);
    const { code, json } = await skeinJson(place, ["artifacts", "latest"]);
    expect(code).toBe(0);
    expect(artifactList.parse(json).artifacts.map(({ uri }) => new URL(uri).pathname)).toEqual([
      new URL(`file://${encodeURI(file)}`).pathname.replaceAll("~", "%7E"),
    ]);
    expect((await skein(place, ["show", "latest"])).code).toBe(0);
  });
});
