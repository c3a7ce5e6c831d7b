import type { RunQuery } from "../ports/state-store.ts";
import type { RunPage, RunStatus } from "./resources.ts";
import { describeRecord } from "./run.ts";
import type { Sources } from "./sources.ts";

export interface RunListQuery {
  readonly pipeline?: string;
  /** `live`: everything that has not ended. */
  readonly status?: RunStatus | "live";
  /** 1 to 1,000; default 50. */
  readonly limit?: number;
  readonly cursor?: string;
}

/** Newest first. A page may hold fewer than `limit`, also where more follow: only `cursor` tells whether they do. */
export async function listRuns(sources: Sources, query: RunListQuery, now: number): Promise<RunPage> {
  const { items, cursor } = await sources.state.listRuns(storeQuery(query));
  const described = await Promise.all(items.map((record) => describeRecord(sources, record, now)));
  const runs = described.filter((run) => isWanted(run.status, query.status));
  return { runs, ...(cursor === undefined ? {} : { cursor }) };
}

function isWanted(status: RunStatus, wanted: RunListQuery["status"]): boolean {
  return wanted === undefined || wanted === "live" || status === wanted;
}

function storeQuery({ status, ...query }: RunListQuery): RunQuery {
  return status === undefined ? query : { ...query, ended: endedFilter(status) };
}

function endedFilter(status: RunStatus | "live"): NonNullable<RunQuery["ended"]> {
  return status === "completed" || status === "failed" || status === "stopped" ? status : "no";
}
