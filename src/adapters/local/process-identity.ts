import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A process that no later one can be taken for, though it may get the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** The kernel's start time of it, with the boot that it counts from; absent where the system does not tell. */
  readonly born?: string | undefined;
}

/** When a process was started, as its kernel tells it; undefined when there is no such process (any more). A zombie is none. */
export function bornOf(pid: number): string | undefined {
  switch (process.platform) {
    case "linux":
    case "android":
      return bornOnLinux(pid);
    case "win32":
      return undefined;
    default:
      return bornByPs(pid);
  }
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  own ??= { pid: process.pid, born: bornOf(process.pid) };
  return own;
}
let own: ProcessIdentity | undefined;

/** Does it still exist, be it suspended? One that cannot be told from a namesake counts as alive: better wait than write twice. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (!exists(identity.pid)) return false;
  if (identity.born === undefined || process.platform === "win32") return true;
  return bornOf(identity.pid) === identity.born;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Fields of /proc/<pid>/stat behind the name (which may hold spaces and brackets): state is the third, start time the 22nd. */
function bornOnLinux(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const state = fields?.[0];
  const ticks = fields?.[19];
  if (ticks === undefined || state === "Z" || state === "X") return undefined;
  boot ??= readText("/proc/sys/kernel/random/boot_id")?.slice(0, 8) ?? "boot";
  return `${boot}-${ticks}`;
}
/** Start times are ticks since boot, so they come again after the next one. */
let boot: string | undefined;

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function bornByPs(pid: number): string | undefined {
  try {
    const [state = "", ...start] = execFileSync("/bin/ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
      encoding: "utf8",
      env: { LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", "pipe", "ignore"],
    })
      .trim()
      .split(/\s+/);
    return state === "" || state.startsWith("Z") ? undefined : start.join(" ");
  } catch {
    return undefined;
  }
}
