import type { Failure } from "../model/failure.ts";
import type { ErrorResource } from "./resources.ts";

export function errorResource(failure: Failure): ErrorResource {
  return {
    name: failure.name,
    message: failure.message,
    ...(failure.code === undefined ? {} : { code: failure.code }),
    ...(failure.step === undefined ? {} : { step: failure.step }),
    ...(failure.stack === undefined ? {} : { stack: failure.stack }),
    ...(failure.cause === undefined ? {} : { cause: errorResource(failure.cause) }),
    ...(failure.errors === undefined ? {} : { errors: failure.errors.map(errorResource) }),
  };
}
