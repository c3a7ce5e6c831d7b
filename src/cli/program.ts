import { Command, CommanderError, Option } from "commander";
import { SkeinError } from "../model/error.ts";
import { declareCommands, type Serve } from "./commands.ts";
import { readEnvironment } from "./env.ts";
import { exitCode, type ExitCode } from "./exit-code.ts";
import { openDesk } from "./open-desk.ts";
import type { GlobalOptions } from "./place.ts";
import { reportProblem } from "./problem.ts";
import { openTerminal } from "./terminal.ts";

const description =
  "Runs pipelines on this machine, or at a deployed API, and shows what became of them. Here everything lies in one folder: .skein, or --dir.";

const help = `
Examples:
  $ skein pipelines                                         what there is to run
  $ skein run forecast --params '{"city": "Seattle"}'       run it, with live progress
  $ skein show latest                                       what happened
  $ skein logs latest --follow                              what it said
  $ skein runs --url https://….amazonaws.com/v1             the same, of what is deployed

Pipelines are found in the catalogue file: --catalogue, SKEIN_CATALOGUE, or "skein": { "catalogue": "…" } in package.json.
With --url, SKEIN_URL or --stack-outputs the same commands ask a deployed API instead, signed with your AWS credentials.

Exit codes: 0 the run completed or the question was answered, 1 the run failed or was stopped, 2 the command or its input
was wrong and nothing was created, 130 left with Ctrl-C before the run had ended.
With --json the standard output holds resources only, and of a command that failed { "error": { "code", "message", … } }.`;

/** Runs one command line and answers the exit code. */
export async function runProgram(argv: readonly string[]): Promise<ExitCode> {
  const environment = readEnvironment();
  const isJson = argv.includes("--json");
  const terminal = openTerminal({ color: !argv.includes("--no-color"), isCi: environment.isCi });
  let code: ExitCode = exitCode.good;
  const serve: Serve = async (command, work) => {
    const options = command.optsWithGlobals<GlobalOptions>();
    const desk = await openDesk(options, environment);
    try {
      code = await work({ options, desk, terminal, isJson });
    } finally {
      await desk.close();
    }
  };
  leaveQuietlyWithReader();
  try {
    await program(serve, isJson).parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError)
      return commandProblem(error, isJson ? (problem) => reportProblem(problem, terminal, true) : () => {});
    reportProblem(error, terminal, isJson);
    return exitCode.wrong;
  }
}

function program(serve: Serve, isJson: boolean): Command {
  const root = new Command("skein")
    .description(description)
    .option("--catalogue <file>", "the file that defines the pipelines, or imports those that do")
    .option("--dir <folder>", "where runs are kept (default: SKEIN_DIR, or .skein)")
    .addOption(
      new Option(
        "--durable <against>",
        "what a run's records survive: the death of every process (default), or a power cut too (slower)",
      ).choices(["death", "power-cut"]),
    )
    .option("--url <url>", "ask the API that is deployed there, instead of this machine (also: SKEIN_URL)")
    .option("--stack-outputs <file>", "ask the API that this file names, which cdk deploy --outputs-file has written")
    .option("--api-key <key>", "of an API that takes a key instead of a signature (better: SKEIN_API_KEY)")
    .option("--json", "print resources as JSON, for programs")
    .option("--no-color", "plain text (also: NO_COLOR in the environment)")
    .addHelpText("after", help)
    .exitOverride()
    .configureOutput({ writeErr: (text) => void (isJson || process.stderr.write(text)) })
    .showHelpAfterError("(skein --help shows the commands)");
  declareCommands(root, serve);
  return root;
}

/** Commander has said it already, but for programs. */
function commandProblem(error: CommanderError, report: (problem: SkeinError) => void): ExitCode {
  if (error.exitCode === 0) return exitCode.good;
  const message = error.code === "commander.help" ? "no command was given" : error.message.replace(/^error: /, "");
  report(new SkeinError("bad_option", message));
  return exitCode.wrong;
}

/** `skein logs … | head`: who reads the output may have enough of it. */
function leaveQuietlyWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(exitCode.good);
  });
}
