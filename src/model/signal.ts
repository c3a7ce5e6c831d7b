/** What somebody outside told a run: taken by its first wait for that name, in the order in which they came. */
export interface Signal {
  /** Of this signal among those of its name; sending it again under the same id does nothing. */
  readonly id: string;
  readonly name: string;
  /** `encodeValue` of what it carries. */
  readonly text: string;
  readonly at: number;
}

/** Two of the same name and id are one. */
export function keyOfSignal({ name, id }: Pick<Signal, "name" | "id">): string {
  return `${name}#${id}`;
}

/** Orders signals by when they came. */
export function firstCome(one: Signal, other: Signal): number {
  return one.at - other.at || (keyOfSignal(one) < keyOfSignal(other) ? -1 : 1);
}
