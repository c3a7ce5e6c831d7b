import type { StepMapped } from "./event.ts";
import type { Edge, EncodedInput } from "./input.ts";
import { decodeValue, encodeValue } from "./value.ts";

/** What an item's input is made of: the call, with its literals at hand (not spilled). */
export type MappedInput = Pick<StepMapped, "combine" | "unmapped" | "input">;

/** Items of each mapped field, by name. */
export type FieldLengths = Readonly<Record<string, number>>;

/**
 * The inputs of a map's items: `zip` takes the same index of every list, `product` every combination, where the last field
 * varies fastest. Decodes the literals once, whatever the number of items.
 */
export class MapInput {
  readonly #fields: readonly MapField[];

  constructor(mapped: MappedInput, lengths: FieldLengths) {
    const literal = fieldsOf(mapped.input);
    const strides =
      mapped.combine === "zip"
        ? undefined
        : stridesOf(
            Object.keys(literal).filter((name) => !mapped.unmapped.includes(name)),
            lengths,
          );
    this.#fields = Object.entries(literal).map(([name, value]) =>
      mapField(name, value, mapped, { length: lengths[name] ?? 1, stride: strides?.get(name) }),
    );
  }

  item(index: number): EncodedInput {
    const literal: Record<string, unknown> = {};
    const edges: Edge[] = [];
    for (const field of this.#fields) {
      const part = field(index);
      literal[part.name] = part.value;
      edges.push(...part.edges);
    }
    return { literal: encodeValue(literal), edges };
  }
}

/** The input of one item; for many of one map, `MapInput` is linear. */
export function itemInput(mapped: MappedInput, index: number, lengths: FieldLengths): EncodedInput {
  return new MapInput(mapped, lengths).item(index);
}

/** Lengths of the fields that are given as arrays; those that are edges have the item count of their artifact. */
export function literalLengths(mapped: MappedInput): FieldLengths {
  const whole = new Set(mapped.input.edges.filter((edge) => edge.path.length === 1).map((edge) => edge.path[0]));
  const lists = Object.entries(fieldsOf(mapped.input)).filter(
    ([name, value]) => Array.isArray(value) && !mapped.unmapped.includes(name) && !whole.has(name),
  );
  return Object.fromEntries(lists.map(([name, value]) => [name, Array.isArray(value) ? value.length : 0]));
}

type MapField = (index: number) => { readonly name: string; readonly value: unknown; readonly edges: readonly Edge[] };

function mapField(
  name: string,
  value: unknown,
  mapped: MappedInput,
  place: { readonly length: number; readonly stride: number | undefined },
): MapField {
  const edges = mapped.input.edges.filter((edge) => edge.path[0] === name);
  if (mapped.unmapped.includes(name)) return () => ({ name, value, edges });
  const at = (index: number) => (place.stride === undefined ? index : Math.floor(index / place.stride) % place.length);
  const whole = edges.find((edge) => edge.path.length === 1);
  if (whole !== undefined) return (index) => ({ name, value: null, edges: [{ ...whole, item: at(index) }] });
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  const inside = edgesByIndex(edges);
  return (index) => ({ name, value: list[at(index)], edges: inside.get(at(index)) ?? [] });
}

/** Edges inside a list, each moved to where it stands in its item's input. */
function edgesByIndex(edges: readonly Edge[]): ReadonlyMap<unknown, readonly Edge[]> {
  const byIndex = new Map<unknown, Edge[]>();
  for (const edge of edges) {
    const [name, index, ...rest] = edge.path;
    const moved = { ...edge, path: name === undefined ? rest : [name, ...rest] };
    const others = byIndex.get(index);
    if (others === undefined) byIndex.set(index, [moved]);
    else others.push(moved);
  }
  return byIndex;
}

/** How many items in a row keep the same index of a field. */
function stridesOf(names: readonly string[], lengths: FieldLengths): ReadonlyMap<string, number> {
  const strides = new Map<string, number>();
  let stride = 1;
  for (const name of names.toReversed()) {
    strides.set(name, stride);
    stride *= lengths[name] ?? 1;
  }
  return strides;
}

function fieldsOf(input: EncodedInput): Readonly<Record<string, unknown>> {
  const literal: unknown = decodeValue(input.literal === "" ? "{}" : input.literal);
  return typeof literal === "object" && literal !== null ? Object.fromEntries(Object.entries(literal)) : {};
}
