import { InvalidArgumentError, Option, type Command } from "commander";
import type { CommandContext } from "./context.ts";
import type { ExitCode } from "./exit-code.ts";

/** Runs a command's work with its context; each command's code is loaded when it is asked for. */
export type Serve = (command: Command, work: (context: CommandContext) => Promise<ExitCode>) => Promise<void>;

const runArgument = 'id of the run, the beginning of it, or "latest"';

/** The grammar of the command line. */
export function declareCommands(root: Command, serve: Serve): void {
  catalogueCommands(root, serve);
  startingCommands(root, serve);
  readingCommands(root, serve);
}

function catalogueCommands(root: Command, serve: Serve): void {
  root
    .command("pipelines")
    .description("list the pipelines of the catalogue with their parameters")
    .addHelpText("after", examples("skein pipelines", "skein pipelines --catalogue pipelines.ts --json"))
    .action(async (_, command: Command) =>
      serve(command, async (context) => (await import("./commands/pipelines.ts")).listPipelines(context)),
    );
  root
    .command("plan")
    .description("show what a pipeline would do, before anything runs: the whole graph of a static one")
    .argument("<pipeline>", "name of the pipeline")
    .option("--params <json>", "its parameters")
    .option("--params-file <file>", "a JSON file with its parameters; - reads the standard input")
    .addHelpText("after", examples("skein plan weather_report", `skein plan forecast --params '{"city": "Seattle"}'`))
    .action(async (pipeline: string, _, command: Command) =>
      serve(command, async (context) => (await import("./commands/plan.ts")).showPlan(context, pipeline, command.opts())),
    );
}

function startingCommands(root: Command, serve: Serve): void {
  root
    .command("run")
    .description("run a pipeline and wait for its end")
    .argument("<pipeline>", "name of the pipeline")
    .option("--params <json>", "its parameters")
    .option("--params-file <file>", "a JSON file with its parameters; - reads the standard input")
    .option("--watch", "show every step as it runs: live on a terminal, line by line elsewhere (default: without --json)")
    .option("--no-watch", "show how it ended only")
    .option("--tag <tag...>", "tags that the run is marked with")
    .option("--key <key>", "idempotency key: the same key again is the same run, not a second one")
    .addHelpText(
      "after",
      examples(
        'skein run forecast --params \'{"city": "Seattle"}\'',
        "skein run forecast --params-file params.json --tag nightly",
        "skein run forecast --json | jq .run.status",
      ),
    )
    .addHelpText("after", "\nCtrl-C asks the run to stop; a second one leaves it at once, and skein resume goes on with it.")
    .action(async (pipeline: string, _, command: Command) =>
      serve(command, async (context) => (await import("./commands/run.ts")).runPipeline(context, pipeline, command.opts())),
    );
  root
    .command("resume")
    .description("go on with a run whose process has died: what has finished does not run again")
    .argument("<run>", runArgument)
    .option("--accept-code-change", "go on although the code is not the one that the run was started with")
    .option("--watch", "show every step as it runs (default: without --json)")
    .option("--no-watch", "show how it ended only")
    .addHelpText("after", examples("skein resume latest", "skein resume run_0mbp1k2j3x7f --accept-code-change"))
    .action(async (run: string, _, command: Command) =>
      serve(command, async (context) => (await import("./commands/resume.ts")).resumeRun(context, run, command.opts())),
    );
  root
    .command("stop")
    .description("ask a run to stop: nothing of it starts any more, and what runs is told to end")
    .argument("<run>", runArgument)
    .option("--reason <text>", "why, for whoever looks at the run later")
    .addHelpText("after", examples("skein stop latest", "skein stop run_0mbp1k2j3x7f --reason 'wrong city'"))
    .action(async (run: string, _, command: Command) =>
      serve(command, async (context) => (await import("./commands/stop.ts")).stopRun(context, run, command.opts())),
    );
  root
    .command("signal")
    .description("tell a run something that it waits for, or will wait for")
    .argument("<run>", runArgument)
    .argument("<name>", "name of the signal, as the pipeline waits for it")
    .option("--value <json>", "what the signal carries; the wait's schema checks it")
    .option("--value-file <file>", "a JSON file with that; - reads the standard input")
    .option("--id <id>", "of this signal: a second one of the same name and id does nothing")
    .addHelpText(
      "after",
      examples("skein signal latest go_on", 'skein signal run_0mbp1k2j3x7f approval --value \'{"by": "Ada"}\' --id ticket-17'),
    )
    .addHelpText("after", "\nskein show names the signals that a run waits for. Each is taken by one wait; one that is sent early is kept.")
    .action(async (run: string, name: string, _, command: Command) =>
      serve(command, async (context) => (await import("./commands/signal.ts")).signalRun(context, run, name, command.opts())),
    );
}

function readingCommands(root: Command, serve: Serve): void {
  const statuses = ["live", "pending", "running", "stopping", "completed", "failed", "stopped"];
  root
    .command("runs")
    .description("list runs, newest first")
    .option("--pipeline <name>", "only of this pipeline")
    .addOption(new Option("--status <status>", "only of this status; live are all that have not ended").choices(statuses))
    .addOption(new Option("--limit <count>", "how many at most").default(20).argParser((text) => count(text, 1_000)))
    .option("--cursor <cursor>", "go on where an earlier list ended")
    .addHelpText("after", examples("skein runs", "skein runs --pipeline forecast --status failed", "skein runs --limit 100 --json"))
    .action(async (_, command: Command) =>
      serve(command, async (context) => (await import("./commands/runs.ts")).showRuns(context, command.opts())),
    );
  root
    .command("show")
    .description("show a run: its steps, what they took, what it waits for, what came out, what went wrong")
    .argument("<run>", runArgument)
    .option("--items", "list the items of maps one by one")
    .option("--all", "list all steps, however many")
    .addHelpText(
      "after",
      examples(
        "skein show latest",
        "skein show run_0mbp1k2j3x7f --items",
        "skein show latest --json | jq '.steps[] | select(.status == \"failed\")'",
      ),
    )
    .action(async (run: string, _, command: Command) =>
      serve(command, async (context) => (await import("./commands/show.ts")).showRun(context, run, command.opts())),
    );
  root
    .command("logs")
    .description("print what a run's steps and pipeline function logged")
    .argument("<run>", runArgument)
    .option("-f, --follow", "go on until the run has ended")
    .option("--step <id>", "only of this step run; a map's id stands for all its items")
    .addOption(new Option("--attempt <number>", "only of this attempt").argParser((text) => count(text, 1_000_000)))
    .addHelpText("after", examples("skein logs latest -f", "skein logs latest --step 'fit[3]' --attempt 2", "skein logs latest --json"))
    .action(async (run: string, _, command: Command) =>
      serve(command, async (context) => (await import("./commands/logs.ts")).printLogs(context, run, command.opts())),
    );
  root
    .command("artifacts")
    .description("list what a run's steps have stored, and where; or the versions of a named artifact in all runs")
    .argument("[run]", `${runArgument} (default: latest)`)
    .option("--items", "those of the items of maps, too")
    .option("--name <name>", "the versions of the artifact of this name, in all runs")
    .addHelpText("after", examples("skein artifacts latest", "skein artifacts --name temperature_model", "skein artifacts latest --json"))
    .action(async (run: string | undefined, options: { readonly items?: boolean; readonly name?: string }, command: Command) =>
      serve(command, async (context) => {
        const { listArtifacts, listVersions } = await import("./commands/artifacts.ts");
        return options.name === undefined ? listArtifacts(context, run ?? "latest", options) : listVersions(context, options.name);
      }),
    );
}

function count(text: string, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max) throw new InvalidArgumentError(`Give a whole number from 1 to ${max}.`);
  return value;
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}`;
}
