import { MemoryLogSink } from "../../src/adapters/memory/memory-log-sink.ts";
import { logSinkContract } from "../contracts/log-sink.contract.ts";

logSinkContract("memory", async () => {
  const log = new MemoryLogSink();
  return { sink: log, reader: log, remove: async () => {} };
});
