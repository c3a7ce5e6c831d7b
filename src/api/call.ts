import type { z } from "zod";
import type { ApiPorts } from "./api-ports.ts";
import type { ApiRequest } from "./api-request.ts";
import type { ApiResponse } from "./api-response.ts";

/** A request for one operation; `S` is the schema of its query parameters. */
export interface Call<S extends z.ZodType> {
  readonly request: ApiRequest;
  /** Checked, and as its schema gives it. */
  readonly query: z.output<S>;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What is thrown becomes a problem. */
export type Operate<S extends z.ZodType> = (call: Call<S>, ports: ApiPorts) => Promise<ApiResponse>;
