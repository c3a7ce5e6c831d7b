/** Bytes under keys, written once. Keys are paths of `[A-Za-z0-9_.\-\[\]]` parts: `run/step/attempt/nonce/output`. */
export interface ArtifactStore {
  /**
   * Stores all or nothing. Absent → stored; present: `stored: false` and the bytes there stay. A stream is consumed either
   * way. Digest (SHA-256, lower-case hex) and count are computed on the way.
   */
  put(key: string, content: Uint8Array | AsyncIterable<Uint8Array>, options?: { readonly mediaType?: string }): Promise<Stored>;
  /** All bytes; `artifact_missing` when there is nothing. */
  get(key: string): Promise<Uint8Array>;
  /** Bytes from `start` up to, not including, `end`; a range that reaches past the end gives what there is. */
  getRange(key: string, start: number, end: number): Promise<Uint8Array>;
  getStream(key: string): AsyncIterable<Uint8Array>;
  has(key: string): Promise<boolean>;
  /** A path on this machine that holds the bytes, where the store has one: for steps that want a file. */
  localPath(key: string): string | undefined;
  /** For people and other tools: `file:///…`, `s3://bucket/key`, `memory:key`. */
  uri(key: string): string;
  close(): Promise<void>;
}

export interface Stored {
  readonly stored: boolean;
  readonly digest: string;
  readonly bytes: number;
}
