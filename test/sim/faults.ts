/** How bad the world is: each number the probability at one opportunity. */
export interface Faults {
  readonly name: "quiet" | "calm" | "brief" | "storm";
  /** A state or artifact operation takes effect, its response gets lost, and the adapter repeats it. */
  readonly lost: number;
  /** An event is delivered twice. */
  readonly doubled: number;
  /** An event comes seconds or minutes late. */
  readonly late: number;
  /** An event never comes. */
  readonly dropped: number;
  /** A process dies, at each scheduling point. */
  readonly crash: number;
  /** A process is given a short life. */
  readonly short: number;
  /** Every step takes this much longer, in milliseconds. */
  readonly dragMs: number;
  /** A timer fires while other operations still hang. */
  readonly hurry: number;
  /** Clocks of processes differ by up to this, in milliseconds. */
  readonly skewMs: number;
  /** The sweeper comes each minute. */
  readonly sweeper: boolean;
}

const quiet: Faults = {
  name: "quiet",
  lost: 0,
  doubled: 0,
  late: 0,
  dropped: 0,
  crash: 0,
  short: 0,
  dragMs: 0,
  hurry: 0.02,
  skewMs: 0,
  sweeper: false,
};
/** Nothing is ever lost for good, so that a run must end without the sweeper. */
const calm: Faults = { ...quiet, name: "calm", lost: 0.05, doubled: 0.15, late: 0.1, hurry: 0.1, skewMs: 3_000 };
/** Invocations are short, and steps long, and yet none has to die of that: turns hand over in time. */
const brief: Faults = { ...calm, name: "brief", hurry: 0.02, short: 0.8, dragMs: 6_000 };
const storm: Faults = {
  name: "storm",
  lost: 0.05,
  doubled: 0.15,
  late: 0.1,
  dropped: 0.1,
  crash: 0.006,
  short: 0.1,
  dragMs: 0,
  hurry: 0.1,
  skewMs: 3_000,
  sweeper: true,
};

export const worlds = { quiet, calm, brief, storm };
