import { expiryAttribute } from "./dynamodb-schema.ts";
import { number } from "./dynamodb-item.ts";
import type { Item } from "./dynamodb-item.ts";

export interface Retention {
  /** The longest that a run may take, in milliseconds. */
  readonly maxDurationMs: number;
  /** How long a run's state and artifacts are kept after that, in milliseconds. */
  readonly retentionMs: number;
}

/**
 * When rows expire (R13). Each row lives for the longest run and the retention from its own writing on, and so never less than
 * until its run's start + both: a live run, which ends before start + `maxDurationMs`, never loses one.
 */
export class DynamoDbExpiry {
  readonly #retention: Retention | undefined;

  /** Without retention nothing expires. */
  constructor(retention: Retention | undefined) {
    this.#retention = retention;
  }

  /** The attribute of a row written at `at`. */
  row(at: number): Item {
    return this.#retention === undefined ? {} : seconds(at + this.#retention.maxDurationMs + this.#retention.retentionMs);
  }

  /** A cache row goes before its artifacts, which were written before it and are kept as long as rows are. */
  cache(at: number, expiresAt: number | undefined): Item {
    const kept = this.#retention === undefined ? Number.POSITIVE_INFINITY : at + this.#retention.retentionMs;
    const until = Math.min(kept, expiresAt ?? Number.POSITIVE_INFINITY);
    return Number.isFinite(until) ? seconds(until) : {};
  }
}

function seconds(ms: number): Item {
  return { [expiryAttribute]: number(Math.ceil(ms / 1_000)) };
}
