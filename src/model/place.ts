/** Where an attempt ran: the orchestrator's own thread, a worker thread of it, a child process, a step-operator function. */
export interface Place {
  readonly kind: "orchestrator" | "thread" | "process" | "function";
  readonly pid?: number;
  readonly threadId?: number;
  /** Tells a process from a later one with the same pid: the kernel's start time of it. */
  readonly born?: string;
  readonly functionName?: string;
  readonly requestId?: string;
  /** Where a function's log lines are. */
  readonly logStream?: string;
}
