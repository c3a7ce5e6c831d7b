#!/usr/bin/env node
import module from "node:module";

if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(`skein needs Node 24 or later; this is Node ${process.versions.node}.\n`);
  process.exit(2);
}
// Before anything else is loaded: what is compiled once need not be compiled again, types stripped included.
module.enableCompileCache();
const { runProgram } = await import("./program.ts");
process.exitCode = await runProgram(process.argv.slice(2));
