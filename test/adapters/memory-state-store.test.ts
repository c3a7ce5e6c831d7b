import { MemoryStateStore } from "../../src/adapters/memory/memory-state-store.ts";
import { stateStoreContract } from "../contracts/state-store.contract.ts";

stateStoreContract("memory", async () => ({ store: new MemoryStateStore() }));
