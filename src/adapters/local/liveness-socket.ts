import { createHash } from "node:crypto";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunId } from "../../model/id.ts";
import type { Wake } from "../../model/task.ts";

/** What one process asks another over its socket: one line of JSON, answered by one line. */
export type Question = { readonly t: "probe"; readonly run: RunId } | { readonly t: "poke"; readonly run: RunId; readonly wake: Wake };
export interface Answer {
  /** The run lives in the process that answers. */
  readonly live: boolean;
}

/** How long an answer is waited for. */
const answerMs = 1_000;
/** Bytes of a Unix socket's path: 108 with the end mark on Linux, 104 on macOS. */
const maxPath = 103;
const maxQuestion = 1 << 20;

/** Where a process listens: in `folder`, or where its path would be too long, in the folder for temporary files. `name` is unique. */
export function socketPaths(folder: string, name: string): readonly string[] {
  const short = createHash("sha256").update(`${folder}\n${name}`).digest("hex").slice(0, 16);
  if (process.platform === "win32") return [`\\\\.\\pipe\\skein-${short}`];
  const fits = (path: string) => Buffer.byteLength(path) <= maxPath;
  return [join(folder, `${short}.sock`), join(tmpdir(), `skein-${short}.sock`), `/tmp/skein-${short}.sock`].filter(fits);
}

/** Listens on the first of the paths that allows it; keeps no process alive. */
export async function listen(
  paths: readonly string[],
  answer: (question: Question) => Answer,
): Promise<{ readonly server: Server; readonly path: string }> {
  let failure: unknown = new Error("no path is short enough for a socket");
  for (const path of paths) {
    const server = createServer((socket) => serve(socket, answer));
    try {
      await new Promise<void>((resolve, reject) => server.once("error", reject).listen(path, resolve));
      return { server: server.unref(), path };
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function serve(socket: Socket, answer: (question: Question) => Answer): void {
  let text = "";
  socket
    .unref()
    .setEncoding("utf8")
    .setTimeout(answerMs, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: string) => {
    text += chunk;
    if (text.length > maxQuestion) socket.destroy();
    else if (text.endsWith("\n")) socket.end(`${JSON.stringify(answerTo(text, answer))}\n`);
  });
}

/** Anybody may write to the socket: what is no question gets no answer that could be taken for one. */
function answerTo(text: string, answer: (question: Question) => Answer): Answer | undefined {
  try {
    return answer(JSON.parse(text) as Question);
  } catch {
    return undefined;
  }
}

/** `refused`: nobody listens there (any more). `silent`: somebody does, but does not answer in time. */
export function ask(path: string, question: Question): Promise<Answer | "refused" | "silent"> {
  return new Promise((resolve) => {
    let text = "";
    let connected = false;
    const socket = connect(path, () => {
      connected = true;
      socket.write(`${JSON.stringify(question)}\n`);
    });
    const finish = (result: Answer | "refused" | "silent") => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => finish("silent"), answerMs);
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => (text += chunk));
    socket.on("end", () => finish(parse(text)));
    socket.on("error", () => finish(connected ? "silent" : "refused"));
  });
}

function parse(text: string): Answer | "silent" {
  try {
    const answer: unknown = JSON.parse(text);
    return isAnswer(answer) ? answer : "silent";
  } catch {
    return "silent";
  }
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === "object" && value !== null && "live" in value && typeof value.live === "boolean";
}
