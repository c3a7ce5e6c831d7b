import { STATUS_CODES } from "node:http";
import type { Issue } from "../define/validation.ts";
import type { ErrorCode } from "../model/error-code.ts";
import { SkeinError } from "../model/error.ts";
import type { ApiPorts } from "./api-ports.ts";
import type { ApiResponse } from "./api-response.ts";

/** An error as RFC 9457 has it. */
export interface ProblemResource {
  readonly type: string;
  /** The status in words. */
  readonly title: string;
  readonly status: number;
  /** What is wrong, where, and what to do. */
  readonly detail: string;
  /** One of docs/errors.md. */
  readonly code: ErrorCode;
  /** What a schema said, where one refused something. */
  readonly issues?: readonly Issue[];
  /** Under which the API's log tells more. */
  readonly id?: string;
}

/** Errors that are the request's; all others are the API's own. */
const statuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  bad_request: 400,
  bad_option: 400,
  invalid_params: 400,
  unknown_route: 404,
  unknown_pipeline: 404,
  unknown_run: 404,
  unknown_step: 404,
  unknown_artifact: 404,
  method_not_allowed: 405,
  idempotency_conflict: 409,
  run_has_ended: 409,
  code_version_gone: 409,
  artifact_missing: 410,
  body_too_large: 413,
  unsupported_body: 415,
  // What is wrong with a static pipeline shows when it is compiled for these parameters.
  load_in_static_pipeline: 422,
  async_static_pipeline: 422,
  unknown_upstream: 422,
  cyclic_plan: 422,
  duplicate_step_id: 422,
  type_mismatch: 422,
  map_length_mismatch: 422,
  map_without_list: 422,
  map_not_a_list: 422,
  missing_operator: 422,
  bad_call: 422,
  bad_pipeline_result: 422,
  max_steps_exceeded: 422,
  unserializable_input: 422,
  handle_not_reachable: 422,
  handle_copied: 422,
  handle_of_another_run: 422,
  handle_is_no_value: 422,
  invalid_input: 422,
  store_row_too_large: 422,
  store_unavailable: 503,
  operator_unavailable: 503,
};

const retryAfterSeconds = 5;

/** The answer to whatever an operation threw. What is no fault of the request is reported, and told without its internals. */
export function problemResponse(thrown: unknown, ports: Pick<ApiPorts, "entropy" | "report">): ApiResponse {
  const status = thrown instanceof SkeinError ? (statuses[thrown.code] ?? 500) : 500;
  if (thrown instanceof SkeinError && status < 500) return respond(status, ownProblem(thrown), headersOf(thrown));
  const id = ports.entropy.nonce();
  ports.report(thrown, id);
  if (status === 503 && thrown instanceof SkeinError)
    return respond(
      status,
      { code: thrown.code, detail: `The request may succeed when it is repeated in a while (error ${id}).`, id },
      { "Retry-After": String(retryAfterSeconds) },
    );
  return respond(status, {
    code: "internal_error",
    detail: `Something went wrong here: the log of the API tells more of error ${id}.`,
    id,
  });
}

type Told = Pick<ProblemResource, "code" | "detail" | "issues" | "id">;

function ownProblem({ code, message, data }: SkeinError): Told {
  const issues = data?.["issues"];
  return { code, detail: message, ...(isIssues(issues) ? { issues } : {}) };
}

function headersOf({ data }: SkeinError): Readonly<Record<string, string>> {
  const allow = data?.["allow"];
  return typeof allow === "string" ? { Allow: allow } : {};
}

function respond(status: number, told: Told, headers: Readonly<Record<string, string>> = {}): ApiResponse {
  const problem: ProblemResource = { type: "about:blank", title: STATUS_CODES[status] ?? "Error", status, ...told };
  return {
    status,
    headers: { "Content-Type": "application/problem+json", "Cache-Control": "no-store", ...headers },
    body: JSON.stringify(problem),
  };
}

function isIssues(value: unknown): value is readonly Issue[] {
  return Array.isArray(value) && value.every((issue: unknown) => typeof issue === "object" && issue !== null && "path" in issue);
}
