import { expect, it } from "vitest";
import { RemoteWatch } from "../../../src/cli/remote/remote-watch.ts";
import { ApiClient } from "../../../src/client/api-client.ts";
import { DeployedApi } from "../../../src/client/deployed-api.ts";
import { Deployment } from "../../api/deployment.ts";
import { serveApi } from "../../api/served-api.ts";
import { called, completed, failed, launched, mapped, outcome, WrittenRun } from "../../observe/written-run.ts";

/** Steps on a page of the API. */
const page = 500;

it("a look at a run reads on from where something was open, and tells each thing once", async () => {
  const run = await WrittenRun.create();
  await using deployment = new Deployment({ isAsleep: true, ports: { state: run.state, artifacts: run.artifacts, logs: run.logs } });
  const served = await serveApi(deployment.ports);
  const api = new DeployedApi(new ApiClient({ url: served.url, send: fetch }));
  const watch = new RemoteWatch(api, run.id);
  const look = async () => {
    const { run: resource } = await api.showRun(run.id);
    const from = served.requests.length;
    const { changed, running, steps } = await watch.look(resource);
    const cursors = served.requests
      .slice(from)
      .map((request) => new URL(request.split(" ")[1] ?? "", served.url).searchParams.get("cursor"));
    return { news: changed.map(({ id, status }) => `${id} ${status}`), running: running.map(({ id }) => id), steps, cursors };
  };

  const early = Array.from({ length: page }, (_, n) => `early_${n}`);
  await run.entry(...early.flatMap((id) => [called(id), launched(id)]));
  await run.entry(...early.slice(1).map((id) => outcome(id, completed())));
  await run.entry(called("late"), launched("late"), called("waits"), mapped("fit", { n: [1, 2, 3] }), launched("fit", { items: 3 }));
  const first = await look();
  expect(first.cursors).toEqual([null, String(page)]);
  expect(first.news).toHaveLength(page + 2);
  expect(first.news.slice(-3)).toEqual([`early_${page - 1} completed`, "late running", "fit running"]);
  expect(first.running).toEqual(["early_0", "late", "fit"]);
  expect(first.steps).toEqual({ pending: 4, running: 2, completed: page - 1 });

  await run.entry(outcome("early_0", failed("too early")), outcome("late", completed()));
  const second = await look();
  expect(second.cursors).toEqual([null, String(page)]);
  expect(second.news).toEqual(["early_0 failed", "late completed"]);

  const third = await look();
  expect(third.cursors).toEqual([String(page)]);
  expect(third).toMatchObject({ news: [], running: ["fit"] });
  await served.close();
});
