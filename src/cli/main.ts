#!/usr/bin/env node
import module from "node:module";

// Before anything else is loaded: what is compiled once need not be compiled again, types stripped included.
module.enableCompileCache();
const { runProgram } = await import("./program.ts");
process.exitCode = await runProgram(process.argv.slice(2));
