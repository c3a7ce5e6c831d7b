/** A process that puts artifacts, for tests of several processes and of small file systems: `node file-artifact-writer.ts <root> <how>`. */
import { FileArtifactStore } from "../../src/adapters/local/file-artifact-store.ts";
import { failureOf } from "../../src/model/error.ts";

const [root = "", how = ""] = process.argv.slice(2);
const store = FileArtifactStore.open(root);

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield new Uint8Array(10_000).fill(1);
}

const ways: Readonly<Record<string, () => Promise<unknown>>> = {
  stream: () => store.put("run/fit/1/n/streamed", endless()),
  small: async () => {
    for (let i = 0; ; i++) await store.put(`run/fit/1/n/small${i}`, new Uint8Array(10_000).fill(1));
  },
  race: async () => {
    const wins: number[] = [];
    for (let i = 0; i < 200; i++) {
      const content = new TextEncoder().encode(`${process.pid} ${"x".repeat(i)}`);
      if ((await store.put(`race/fit[${i}]/1/n/out`, content)).stored) wins.push(i);
    }
    return { pid: process.pid, wins };
  },
};

try {
  process.stdout.write(`${JSON.stringify(await ways[how]?.())}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify(failureOf(error))}\n`);
}
