import { expect, it } from "vitest";
import { runReport } from "../../src/api/resource-schemas.ts";
import { Deployment, runOf } from "./deployment.ts";
import { serveApi } from "./served-api.ts";
import "./fixtures/pipelines.ts";

it("the API is the same over HTTP", async () => {
  await using api = new Deployment();
  const served = await serveApi(api.ports);
  try {
    const started = await fetch(`${served.url}/pipelines/squares/runs`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": "one" },
      body: JSON.stringify({ params: { numbers: [3] } }),
    });
    expect(started.status).toBe(202);
    const id = runOf(await started.json());
    await api.engine.ended(id);
    const shown = await fetch(new URL(started.headers.get("location") ?? "", started.url));
    expect(runReport.parse(await shown.json()).run).toMatchObject({ id, status: "completed" });
    const logs = await fetch(`${served.url}/runs/${id}/steps/${encodeURIComponent("square[0]")}/logs`);
    expect(logs.status).toBe(200);
    expect((await fetch(`${served.url}/nothing`)).headers.get("content-type")).toBe("application/problem+json");
    expect(served.requests[0]).toBe("POST /pipelines/squares/runs");
  } finally {
    await served.close();
  }
});
