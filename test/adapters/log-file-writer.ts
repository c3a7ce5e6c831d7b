/** A process that logs, for tests of several at once: `node log-file-writer.ts <folder> <run> <name> <lines>`. */
import { LogFile } from "../../src/adapters/local/log-file.ts";
import { parseRunId } from "../../src/model/id.ts";

const [folder = "", runText = "", name = "", lines = ""] = process.argv.slice(2);
const run = parseRunId(runText);
if (run === undefined) throw new Error(`not a run: ${runText}`);
const log = new LogFile(folder);
for (let i = 0; i < Number(lines); i++) {
  // Lines from some bytes to far more than a pipe's or a page's worth, some alone and some together.
  log.write([{ run, step: name, attempt: 1, at: Date.now(), level: "info", message: `${i} ${name.repeat((i % 50) ** 2 * 10)}` }]);
  if (i % 7 === 0) await log.flush();
}
