import { z } from "zod";
import { artifact, bytes, pipeline, step, unmapped } from "../../src/index.ts";

const greeting = step({ name: "greeting", input: z.object({ name: z.string() }), output: z.string() }, ({ name }, { log }) => {
  log("greeting", { name });
  return `hello ${name}`;
});

const shout = step(
  { name: "shout", input: z.object({ text: z.string() }), output: artifact(z.string(), { name: "shouted" }), runtime: "isolated" },
  ({ text }, { log }) => {
    log.warn("shouting");
    return text.toUpperCase();
  },
);

export const greet = pipeline({ name: "greet", params: z.object({ name: z.string() }) }, async ({ name }, { log }) => {
  log("begin");
  return await shout({ text: await greeting({ name }) });
});

const square = step({ name: "square", input: z.object({ n: z.number(), plus: z.number() }), output: z.number() }, ({ n, plus }) => {
  if (n === 13) throw new RangeError("13 brings bad luck");
  return n * n + plus;
});

const total = step({ name: "total", input: z.object({ parts: z.array(z.number()) }), output: z.number() }, ({ parts }) =>
  parts.reduce((a, b) => a + b, 0),
);

export const squares = pipeline(
  { name: "squares", params: z.object({ numbers: z.array(z.number()), plus: z.number().default(0) }) },
  async ({ numbers, plus }) => total({ parts: square.map({ n: numbers, plus: unmapped(plus) }) }),
);

const picture = step({ name: "picture", input: z.object({ size: z.number() }), output: bytes() }, ({ size }) => new Uint8Array(size));
export const paint = pipeline({ name: "paint", params: z.object({ size: z.number() }) }, async ({ size }) => picture({ size }));

/** Needs a place that no deployment of the tests has. */
const huge = step(
  { name: "huge", input: z.object({}), output: z.number(), runtime: "isolated", resources: { memoryMb: 1_000_000 } },
  () => 1,
);
export const impossible = pipeline({ name: "impossible", mode: "static" }, () => huge({}));

export const chain = pipeline({ name: "chain", mode: "static", params: z.object({ name: z.string() }) }, ({ name }) =>
  shout({ text: greeting({ name }) }),
);

/** A static pipeline whose function has a mistake. */
export const mistaken = pipeline({ name: "mistaken", mode: "static" }, (): never => {
  throw new TypeError("secret of the function");
});

export const talk = pipeline({ name: "talk", params: z.object({ lines: z.number() }) }, async ({ lines }, { log }) => {
  for (let i = 0; i < lines; i++) log(`line ${i}`);
  return greeting({ name: "all" });
});
