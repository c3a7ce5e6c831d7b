import { describe, expect, it, vi } from "vitest";
import { logPage, runReport } from "../../src/api/resource-schemas.ts";
import { SkeinError } from "../../src/model/error.ts";
import { Deployment, runOf, type Asking } from "./deployment.ts";
import "./fixtures/pipelines.ts";

const approval = { value: { amount: 7 } };

async function payingRun(api: Deployment) {
  const { body } = await api.ask("POST", "/pipelines/pay/runs");
  api.wakes.length = 0;
  return runOf(body);
}

/** What the run has been told. */
async function told(api: Deployment, run: ReturnType<typeof runOf>) {
  return (await api.engine.state.readTail(run, -1)).signals ?? [];
}

describe("a signal", () => {
  it("is what a run waits for, which goes on with it", async () => {
    await using api = new Deployment();
    const run = await payingRun(api);
    await vi.waitFor(async () => {
      const { waits } = (await api.get(runReport, `/runs/${run}`)).run;
      expect(waits).toEqual([{ id: "approval", name: "approval", question: "Pay how much?", since: expect.any(String) }]);
    });
    const { status, body } = await api.ask("POST", `/runs/${run}/signals/approval`, { json: approval });
    expect([status, runReport.parse(body).run.id]).toEqual([202, run]);
    expect((await api.engine.ended(run)).ended?.status).toBe("completed");
    const report = await api.get(runReport, `/runs/${run}?values=true`);
    expect(report).toMatchObject({ values: { output: 49 } });
    expect(report.run).not.toHaveProperty("waits");
  });

  it("is written, then the run is woken", async () => {
    await using api = new Deployment({ isAsleep: true });
    const run = await payingRun(api);
    expect(await api.ask("POST", `/runs/${run}/signals/approval`, { json: approval })).toMatchObject({ status: 202 });
    expect(await told(api, run)).toMatchObject([{ name: "approval", text: '{"amount":7}' }]);
    expect(api.wakes).toEqual([{ v: 1, run, reason: "signal" }]);
  });

  it.each<[string, Asking]>([
    ["no body", {}],
    ["an empty body", { json: {} }],
    ["null", { json: { value: null } }],
  ])("may carry nothing: %s", async (_, asking) => {
    await using api = new Deployment({ isAsleep: true });
    const run = await payingRun(api);
    expect(await api.ask("POST", `/runs/${run}/signals/go`, asking)).toMatchObject({ status: 202 });
    expect(await told(api, run)).toMatchObject([{ name: "go", text: "null" }]);
  });

  it("that the wait's schema refuses is taken all the same: the run waits for another one", async () => {
    await using api = new Deployment();
    const run = await payingRun(api);
    expect(await api.ask("POST", `/runs/${run}/signals/approval`, { json: { value: "much" } })).toMatchObject({ status: 202 });
    await vi.waitFor(async () => {
      const { lines } = await api.get(logPage, `/runs/${run}/logs`);
      expect(lines).toMatchObject([{ level: "warn", message: expect.stringMatching(/was refused.*expected object/) }]);
    });
    await api.ask("POST", `/runs/${run}/signals/approval`, { json: approval });
    expect((await api.engine.ended(run)).ended?.status).toBe("completed");
  });

  it("is accepted though the wake fails: it is written, and the sweeper looks soon", async () => {
    const turns = { wake: () => Promise.reject(new SkeinError("operator_unavailable", "throttled")) };
    await using api = new Deployment({ ports: { turns } });
    const run = await payingRun(api);
    expect(await api.ask("POST", `/runs/${run}/signals/approval`, { json: approval })).toMatchObject({ status: 202 });
    expect(await told(api, run)).toHaveLength(1);
    expect((await api.engine.state.readRun(run))?.due).toBeDefined();
  });
});

describe("a signal's id", () => {
  const keyed = (key: string, json: object): Asking => ({ json, headers: { "idempotency-key": key } });

  it.each<[string, Asking, Asking]>([
    ["in the body", { json: { ...approval, id: "one" } }, { json: { value: { amount: 8 }, id: "one" } }],
    ["in the header", keyed("one", approval), keyed("one", { value: { amount: 8 } })],
    ["in the body before that in the header", keyed("a", { ...approval, id: "one" }), keyed("b", { ...approval, id: "one" })],
    ["in one or the other", { json: { ...approval, id: "one" } }, keyed("one", approval)],
  ])("makes one of two: %s", async (_, first, second) => {
    await using api = new Deployment({ isAsleep: true });
    const run = await payingRun(api);
    expect(await api.ask("POST", `/runs/${run}/signals/approval`, first)).toMatchObject({ status: 202 });
    expect(await api.ask("POST", `/runs/${run}/signals/approval`, second)).toMatchObject({ status: 202 });
    expect(await told(api, run)).toMatchObject([{ id: "one", text: '{"amount":7}' }]);
  });

  it("is one of its name, and by default one of its own", async () => {
    await using api = new Deployment({ isAsleep: true });
    const run = await payingRun(api);
    for (const name of ["approval", "refusal"]) await api.ask("POST", `/runs/${run}/signals/${name}`, { json: { id: "one" } });
    for (let i = 0; i < 2; i++) await api.ask("POST", `/runs/${run}/signals/approval`, { json: approval });
    expect(await told(api, run)).toHaveLength(4);
  });

  it("is known still when the run has ended by it: who asks again hears the same", async () => {
    await using api = new Deployment();
    const run = await payingRun(api);
    const asking = { json: { ...approval, id: "one" } };
    await api.ask("POST", `/runs/${run}/signals/approval`, asking);
    await api.engine.ended(run);
    const again = await api.ask("POST", `/runs/${run}/signals/approval`, asking);
    expect(again).toMatchObject({ status: 202, body: { run: { status: "completed" } } });
    for (const json of [approval, { ...approval, id: "two" }]) {
      const late = await api.ask("POST", `/runs/${run}/signals/approval`, { json });
      expect(late).toMatchObject({ status: 409, body: { code: "run_has_ended" } });
    }
    expect(await told(api, run)).toHaveLength(1);
  });
});

describe("a signal is refused, and nothing is written:", () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  it.each<[string, string, Asking, object]>([
    ["a name with a dash", "go-on", {}, { status: 400, body: { code: "bad_option", detail: expect.stringContaining('"go-on"') } }],
    ["a name with a slash", "a%2Fb", {}, { status: 400, body: { code: "bad_option" } }],
    ["a name that is too long", "a".repeat(65), {}, { status: 400, body: { code: "bad_option" } }],
    ["an id with a blank", "go", { json: { id: "a b" } }, { status: 400, body: { issues: [{ path: "id" }] } }],
    ["an empty id", "go", { json: { id: "" } }, { status: 400, body: { issues: [{ path: "id" }] } }],
    ["an id that is too long", "go", { json: { id: "x".repeat(129) } }, { status: 400, body: { issues: [{ path: "id" }] } }],
    ["an id that is a number", "go", { json: { id: 7 } }, { status: 400, body: { issues: [{ path: "id" }] } }],
    ["a key that is no id", "go", { headers: { "idempotency-key": "order 17" } }, { status: 400, body: { code: "bad_option" } }],
    ["a key that is no key", "go", { headers: { "idempotency-key": "" } }, { status: 400, body: { code: "bad_request" } }],
    ["a field that nobody knows", "go", { json: { amount: 7 } }, { status: 400, body: { code: "bad_request" } }],
    ["a body that is no object", "go", { json: 7 }, { status: 400, body: { code: "bad_request" } }],
    ["a value that is too long", "go", { json: { value: "x".repeat(100_000) } }, { status: 400, body: { code: "bad_option" } }],
    ["a value that is too deep", "go", { body: `{"value":${deep}}` }, { status: 400, body: { code: "bad_option" } }],
    ["a value with a prototype", "go", { body: '{"value":{"__proto__":{"x":1}}}' }, { status: 400, body: { code: "bad_option" } }],
    ["a body that is too large", "go", { json: { value: "x".repeat(1_000_000) } }, { status: 413, body: { code: "body_too_large" } }],
    ["a form", "go", { body: "value=1", headers: { "content-type": "text/plain" } }, { status: 415, body: { code: "unsupported_body" } }],
  ])("%s", async (_, name, asking, answer) => {
    await using api = new Deployment({ isAsleep: true });
    const run = await payingRun(api);
    expect(await api.ask("POST", `/runs/${run}/signals/${name}`, asking)).toMatchObject(answer);
    expect([await told(api, run), api.wakes]).toEqual([[], []]);
  });

  it("to a run that nobody knows", async () => {
    await using api = new Deployment({ isAsleep: true });
    const answer = await api.ask("POST", "/runs/run_000000000000/signals/approval", { json: approval });
    expect(answer).toMatchObject({ status: 404, body: { code: "unknown_run" } });
    expect(api.wakes).toEqual([]);
  });
});
