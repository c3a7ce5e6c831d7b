/** What somebody outside told a run: taken by its first wait for that name, in the order in which they came. */
export interface Signal {
  /** Of this signal; sending it again under the same id does nothing. */
  readonly id: string;
  readonly name: string;
  /** `encodeValue` of what it carries. */
  readonly text: string;
  readonly at: number;
}

export function firstCome(one: Signal, other: Signal): number {
  return one.at - other.at || (one.id < other.id ? -1 : 1);
}
