import { randomUUID } from "node:crypto";
import { SkeinError } from "../../model/error.ts";
import { absent, absentOrBelow, all, any, is, lacks, notEnded, present } from "./dynamodb-condition.ts";
import { documentOf, packed } from "./dynamodb-document.ts";
import { keyItem, number, numberOf, text } from "./dynamodb-item.ts";
import { duePartition, pipelineKey, positionIn, positionSort, runKey } from "./dynamodb-key.ts";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { RunId } from "../../model/id.ts";
import type { RunEnd, RunRecord } from "../../model/run.ts";
import type { DynamoDbExpiry } from "./dynamodb-expiry.ts";
import type { Item } from "./dynamodb-item.ts";
import type { DynamoDbTable, Written } from "./dynamodb-table.ts";

/** A pipeline's name is written again after this long, so that it outlives its runs. */
const pipelineEveryMs = 3_600_000;

/**
 * RUN items. `doc` is what never changes; beside it stand `due`, the crashes and `ended`, and `list`, which says in which list
 * the run is shown: `pipeline#state`.
 */
export class DynamoDbRuns {
  readonly #table: DynamoDbTable;
  readonly #expiry: DynamoDbExpiry;
  /** When this process last wrote a pipeline's name. */
  readonly #pipelines = new Map<string, number>();

  constructor(table: DynamoDbTable, expiry: DynamoDbExpiry) {
    this.#table = table;
    this.#expiry = expiry;
  }

  async create(run: RunRecord): Promise<{ readonly created: true } | { readonly created: false; readonly existing: RunRecord }> {
    await this.#namePipeline(run);
    const nonce = randomUUID();
    const key = runKey(run.id);
    const { due, crashes, ended, ...doc } = run;
    const written = await this.#table.put(
      {
        ...keyItem(key),
        nonce: text(nonce),
        doc: packed(key, doc),
        list: text(listOf(run.pipeline, ended)),
        made: text(positionSort({ at: run.createdAt, run: run.id })),
        ...(due === undefined ? {} : dueItem(run.id, due)),
        ...(crashes === undefined ? {} : { crashSeq: number(crashes.seq), crashes: { L: crashes.invocations.map(text) } }),
        ...(ended === undefined ? {} : { ended: packed(key, ended) }),
        ...this.#expiry.row(run.createdAt),
      },
      absent,
    );
    if (written.held || written.there === undefined || written.there["nonce"]?.S === nonce) return { created: true };
    return { created: false, existing: recordOf(written.there) };
  }

  async read(run: RunId): Promise<RunRecord | undefined> {
    const item = await this.#table.get(runKey(run));
    return item === undefined ? undefined : recordOf(item);
  }

  /** The list to which the run moves is named by its pipeline, which only the item tells. */
  async finish(run: RunId, end: RunEnd): Promise<void> {
    const record = await this.read(run);
    if (record === undefined) throw unknownRun(run);
    if (record.ended !== undefined) return;
    const key = runKey(run);
    await this.#table.update(key, {
      text: "#ended = :end, #list = :list",
      values: { ":end": packed(key, end), ":list": text(listOf(record.pipeline, end)) },
      remove: "#due, #dueShard",
      condition: all(present, notEnded),
    });
  }

  async countCrash(run: RunId, seq: number, invocation: string): Promise<number> {
    const list: AttributeValue = { L: [text(invocation)] };
    for (;;) {
      const again = await this.#table.update(runKey(run), {
        text: "#crashes = list_append(#crashes, :list)",
        values: { ":list": list },
        condition: all(is("crashSeq", number(seq), "seq"), lacks("crashes", text(invocation), "invocation")),
      });
      if (again.held) return invocationsIn(again.item).length;
      const there = this.#existing(run, again);
      const last = numberOf(there, "crashSeq") ?? Number.NEGATIVE_INFINITY;
      if (last > seq) return 0;
      // Told before, perhaps by this call, whose response was lost (R6).
      if (last === seq) return invocationsIn(there).length;
      const first = await this.#table.update(runKey(run), {
        text: "#crashSeq = :seq, #crashes = :list",
        values: { ":seq": number(seq), ":list": list },
        condition: all(present, absentOrBelow("crashSeq", seq, "seq")),
      });
      if (first.held) return 1;
    }
  }

  async setDue(run: RunId, expected: number | undefined, due: number | undefined): Promise<"set" | "lost"> {
    const wanted = due === undefined ? undefined : dueItem(run, due);
    const was = expected === undefined ? undefined : dueItem(run, expected)["due"];
    const change =
      wanted === undefined
        ? { text: "", remove: "#due, #dueShard" }
        : { text: "#due = :wanted, #dueShard = :shard", values: { ":wanted": wanted.due, ":shard": wanted.dueShard } };
    const condition = all(present, any(is("due", wanted?.due, "wanted"), all(is("due", was, "was"), notEnded)));
    const written = await this.#table.update(runKey(run), { ...change, condition });
    if (written.held) return "set";
    this.#existing(run, written);
    return "lost";
  }

  #existing(run: RunId, written: Written & { readonly held: false }): Item {
    if (written.there === undefined) throw unknownRun(run);
    return written.there;
  }

  async #namePipeline({ pipeline, createdAt }: RunRecord): Promise<void> {
    const written = this.#pipelines.get(pipeline);
    if (written !== undefined && createdAt < written + pipelineEveryMs) return;
    await this.#table.put({ ...keyItem(pipelineKey(pipeline)), ...this.#expiry.row(createdAt + 2 * pipelineEveryMs) });
    this.#pipelines.set(pipeline, createdAt);
  }
}

export type RunState = RunEnd["status"] | "open";

export function listName(pipeline: string, state: RunState): string {
  return `${pipeline}#${state}`;
}

export function recordOf(item: Item): RunRecord {
  const due = positionIn(item["due"]?.S)?.at;
  const crashSeq = numberOf(item, "crashSeq");
  return {
    ...documentOf<RunRecord>(item),
    ...(due === undefined ? {} : { due }),
    ...(crashSeq === undefined ? {} : { crashes: { seq: crashSeq, invocations: invocationsIn(item) } }),
    ...(item["ended"] === undefined ? {} : { ended: documentOf<RunEnd>(item, "ended") }),
  };
}

function invocationsIn(item: Item): readonly string[] {
  return (item["crashes"]?.L ?? []).flatMap((invocation) => invocation.S ?? []);
}

function listOf(pipeline: string, ended: RunEnd | undefined): string {
  return listName(pipeline, ended?.status ?? "open");
}

function dueItem(run: RunId, due: number) {
  return { due: text(positionSort({ at: due, run })), dueShard: text(duePartition) };
}

function unknownRun(run: RunId): SkeinError {
  return new SkeinError("unknown_run", `there is no run ${run}`);
}
