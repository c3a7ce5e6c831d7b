import type { Process, World } from "./world.ts";

/** Not asked over the network, or not safe to repeat. */
const local = new Set(["uri", "localPath", "getStream", "close"]);
// `createRun` tells its own repetition from another call by itself.
const once = new Set(["createRun", "countCrash", "addVersion", "launch", "wake", "abort"]);

type Verb = (...args: unknown[]) => Promise<unknown>;

/**
 * The same port with every operation in three parts: it is asked, it takes effect at one moment, its answer comes. Between them
 * the scheduler may do anything. A lost answer makes the adapter repeat the operation with the same arguments.
 */
export function hanging<T extends object>(port: T, process: Process, world: World, repeated: T = port): T {
  const ask = async (name: string, args: unknown[]): Promise<unknown> => {
    await world.pause(process, `asks ${name}`);
    let answer = await verb(port, name)(...args);
    if (!once.has(name) && world.random.chance(world.faults.lost)) {
      await world.pause(process, `repeats ${name}`);
      answer = await verb(repeated, name)(...args);
    }
    await world.pause(process, `has ${name}`);
    return answer;
  };
  return new Proxy(port, {
    get(_, name) {
      if (typeof name !== "string") return undefined;
      return local.has(name) ? verb(port, name) : (...args: unknown[]) => ask(name, args);
    },
  });
}

function verb(port: object, name: string): Verb {
  const value: unknown = Reflect.get(port, name);
  if (typeof value !== "function") throw new TypeError(`there is no operation ${name}`);
  return (...args) => Reflect.apply(value, port, args) as Promise<unknown>;
}

/** The same port with some operations replaced. */
export function instead<T extends object>(port: T, changes: Partial<T>): T {
  return new Proxy(port, {
    get(_, name) {
      const changed: unknown = Reflect.get(changes, name);
      if (changed !== undefined) return changed;
      const value: unknown = Reflect.get(port, name);
      return typeof value === "function" ? value.bind(port) : value;
    },
  });
}
