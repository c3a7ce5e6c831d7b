import { z } from "zod";

/** A stretch of rows that a parquet file stores together, and that can be read without the others. */
export const RowGroup = z.object({
  index: z.int().min(0),
  rowStart: z.int().min(0),
  /** Exclusive. */
  rowEnd: z.int().min(0),
});
export type RowGroup = z.infer<typeof RowGroup>;
