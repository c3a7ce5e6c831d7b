import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { openEmbedded } from "../../src/adapters/local/embedded.ts";

const catalogue = join(import.meta.dirname, "fixtures/closing.ts");

it.each(["gated_step", "gated_map"])(
  "%s: closing the engine over a thread's work neither runs it again nor records an end of it",
  async (pipeline) => {
    const folder = mkdtempSync(join(tmpdir(), "skein-closing-"));
    const dir = join(folder, ".skein");
    const runs = () => (existsSync(join(folder, "runs")) ? readFileSync(join(folder, "runs"), "utf8").trim().split("\n").length : 0);
    try {
      const first = await openEmbedded({ dir, catalogue, width: 1 });
      const { run } = await first.start(pipeline, { folder });
      await vi.waitFor(() => expect(runs()).toBe(1), { timeout: 20_000 });
      await first.close();
      writeFileSync(join(folder, "gate"), "");
      const second = await openEmbedded({ dir, catalogue, width: 1 });
      const { entries } = await second.state.readTail(run.id, -1);
      expect(entries.flatMap(({ events }) => events.filter(({ t }) => t === "outcome"))).toEqual([]);
      expect(runs()).toBe(1);
      await second.resume(run.id);
      expect((await second.ended(run.id)).ended).toMatchObject({ status: "completed" });
      expect(runs()).toBe(pipeline === "gated_step" ? 2 : 4);
      await second.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
