/** What the process says to the shell. */
export const exitCode = {
  /** The run completed, or the question was answered. */
  good: 0,
  /** The run failed or was stopped. */
  bad: 1,
  /** The command or its input was wrong; nothing was created. */
  wrong: 2,
  /** Left with Ctrl-C before the run had ended. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
