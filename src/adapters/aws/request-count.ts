/** What clients have asked of AWS. */
export interface RequestCount {
  /** Requests that went out, repetitions included, by service (`DynamoDB`, `S3`, `Lambda`, `SQS`) and operation (`PutItem`). */
  readonly requests: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /**
   * As DynamoDB reports them, indexes included. A write whose condition fails reports nothing and counts as one, its least; so does a
   * read that finds nothing, for which emulators report nothing and DynamoDB charges its least.
   */
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly failedConditions: number;
}

/** A client of the SDK, as far as counting needs it. */
export interface CountedClient {
  readonly config: { readonly serviceId?: string };
  readonly middlewareStack: { add(middleware: Middleware, options: { readonly name: string; readonly step: "initialize" }): void };
}
type Middleware = <Args extends { readonly input: object }, Answer extends { readonly output: object }>(
  next: (args: Args) => Promise<Answer>,
  context: { readonly commandName?: string },
) => (args: Args) => Promise<Answer>;
const writes: ReadonlySet<string> = new Set([
  "PutItem",
  "UpdateItem",
  "DeleteItem",
  "BatchWriteItem",
  "TransactWriteItems",
  "BatchExecuteStatement",
]);

/** Counts what the clients that it watches send. */
export class RequestCounter {
  #requests: Record<string, Record<string, number>> = {};
  #units = { writes: 0, reads: 0, failed: 0 };

  /** Bound, as it is handed around (`ClientOptions.onClient`). */
  readonly watch = (client: CountedClient): void => {
    const service = client.config.serviceId ?? "unknown";
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const operation = (context.commandName ?? "unknown").replace(/Command$/, "");
        // Args are those of this client's operations: DynamoDB's all have this option.
        const asked = service === "DynamoDB" ? { ...args, input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } } : args;
        try {
          const answer = await next(asked);
          this.#count(service, operation, answer.output, leastRead(operation, args.input));
          return answer;
        } catch (error) {
          this.#count(service, operation, error);
          throw error;
        }
      },
      { name: "skeinCountRequests", step: "initialize" },
    );
  };

  /** The counts since the last call. */
  take(): RequestCount {
    const { writes: writeUnits, reads: readUnits, failed: failedConditions } = this.#units;
    const count = { requests: this.#requests, writeUnits, readUnits, failedConditions };
    this.#requests = {};
    this.#units = { writes: 0, reads: 0, failed: 0 };
    return count;
  }

  #count(service: string, operation: string, answer: unknown, least = 0): void {
    const operations = (this.#requests[service] ??= {});
    operations[operation] = (operations[operation] ?? 0) + attemptsOf(answer);
    this.#units[writes.has(operation) ? "writes" : "reads"] += Math.max(consumedBy(answer), least);
    if (!(answer instanceof Error) || answer.name !== "ConditionalCheckFailedException") return;
    this.#units.writes += 1;
    this.#units.failed += 1;
  }
}

/** What one DynamoDB client has asked for: requests by operation. */
export interface DynamoDbRequestCount extends Omit<RequestCount, "requests"> {
  readonly requests: Readonly<Record<string, number>>;
}

/** Counts all that a DynamoDB client sends from now on; each call of the answer gives the counts since the call before. */
export function countRequests(client: CountedClient): () => DynamoDbRequestCount {
  const counter = new RequestCounter();
  counter.watch(client);
  return () => {
    const { requests, ...units } = counter.take();
    return { ...units, requests: requests["DynamoDB"] ?? {} };
  };
}

/** How often the SDK sent the request. */
function attemptsOf(answer: unknown): number {
  const metadata = fieldOf(answer, "$metadata");
  const attempts = fieldOf(metadata, "attempts");
  return typeof attempts === "number" ? attempts : 1;
}

/** What DynamoDB charges for a read at least: a unit for each key or query, half of one where it need not be consistent. */
function leastRead(operation: string, input: unknown): number {
  if (operation !== "GetItem" && operation !== "Query" && operation !== "BatchGetItem") return 0;
  const reads: readonly unknown[] = operation === "BatchGetItem" ? Object.values(fieldOf(input, "RequestItems") ?? {}) : [input];
  return reads.reduce<number>((sum, asked) => {
    const keys = fieldOf(asked, "Keys");
    return sum + (Array.isArray(keys) ? keys.length : 1) * (fieldOf(asked, "ConsistentRead") === true ? 1 : 0.5);
  }, 0);
}

/** The units that an answer names: one report, or one for each table, item or statement. */
function consumedBy(answer: unknown): number {
  const reports = fieldOf(answer, "ConsumedCapacity") ?? [];
  const list: readonly unknown[] = Array.isArray(reports) ? reports : [reports];
  return list.reduce<number>((sum, report) => {
    const units = fieldOf(report, "CapacityUnits");
    return sum + (typeof units === "number" ? units : 0);
  }, 0);
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
