/** Standard Schema v1, structurally: zod, valibot and arktype fit without being dependencies of the types. */
export interface Schema<I = unknown, O = I> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => unknown;
    readonly types?: { readonly input: I; readonly output: O } | undefined;
  };
}

/** The side of a schema that is handed in: before defaults and transforms. */
export type Given<S extends Schema> = NonNullable<S["~standard"]["types"]>["input"];
/** The side that comes out of it. */
export type Parsed<S extends Schema> = NonNullable<S["~standard"]["types"]>["output"];
