/** A request, free of the gateway that it came through. */
export interface ApiRequest {
  readonly method: string;
  /** The path's template, as in `routes`: `/runs/{id}`. Anything else is an unknown route. */
  readonly route: string;
  /** Decoded, by the names in the template. */
  readonly pathParams: Readonly<Record<string, string>>;
  /** Decoded. */
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** UTF-8 where it is bytes. */
  readonly body?: string | Uint8Array;
}
