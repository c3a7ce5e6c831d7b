import { afterAll, beforeAll, expect, it } from "vitest";
import { parseRunId } from "../../../src/model/id.ts";
import "../fixtures/pipelines.ts";
import { problem, runReport } from "../resource-schemas.ts";
import { Deployed } from "./deployed.ts";

let api: Deployed;
beforeAll(async () => {
  api = await Deployed.open();
});
afterAll(() => api[Symbol.asyncDispose]());

async function told(id: string) {
  return (await api.deployment.engine.state.readTail(parseRunId(id)!, -1)).signals ?? [];
}

it("a run at a deployed API goes on with the signals that it waits for", async () => {
  const running = api.start(["run", "pay"]);
  const [, id = ""] = await running.output(/^run (\S+) .*\nwaiting {3}approval: Pay how much\?\n/);
  expect((await api.skein(["show", id, "--url", api.served.url])).stdout).toContain(
    `Pay how much?\n    skein signal ${id} approval --value '…' --url ${api.served.url}\n`,
  );
  const sent = await api.skein(["signal", id, "approval", "--value", '{"amount": 7}', "--url", api.served.url]);
  expect(sent).toEqual({
    code: 0,
    stdout: `Run ${id} was sent the signal "approval". skein show ${id} --url ${api.served.url} tells what it does now.\n`,
    stderr: "",
  });
  const { code, json } = await api.json(["signal", id, "go", "--id", "one"]);
  expect([code, runReport.parse(json).run.id]).toEqual([0, id]);
  const { code: ended, stdout } = await running.ended;
  expect([ended, stdout]).toEqual([0, expect.stringMatching(/\n14\n/)]);
  expect((await told(id)).map(({ name, text }) => [name, text])).toEqual([
    ["approval", '{"amount":7}'],
    ["go", "null"],
  ]);
  expect(await api.skein(["signal", id, "go", "--id", "one"])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("It has ended (completed)"),
  });
  const late = await api.json(["signal", id, "go"]);
  expect([late.code, problem.parse(late.json).error.code]).toEqual([2, "run_has_ended"]);
});

it.each([
  ["a value that is no JSON", ["approval", "--value", "yes"], "bad_option", `'"yes"'`],
  ["a name that is none", ["go/on"], "bad_option", '"go/on"'],
  ["an id that is none", ["go", "--id", "a b"], "bad_request", "id"],
  ["a value that is too long", ["go", "--value", `"${"x".repeat(100_000)}"`], "bad_option", "100000 characters"],
])("%s is refused with 2, and told to nobody", async (_, args, code, hint) => {
  const { id } = (await api.deployment.engine.start("pay", {})).run;
  const answer = await api.json(["signal", id, ...args]);
  expect(answer.code).toBe(2);
  expect(problem.parse(answer.json).error).toMatchObject({ code, message: expect.stringContaining(hint) });
  expect(await told(id)).toEqual([]);
  await api.deployment.engine.stop(id);
});
