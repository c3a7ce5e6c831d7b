import { formatDuration } from "../model/duration.ts";
import type { StatusCounts } from "../observe/resources.ts";
import { stepRunStatuses } from "../observe/status-counts.ts";

const units = ["B", "kB", "MB", "GB", "TB"] as const;

/** `0 B`, `812 B`, `13.5 MB`. */
export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0];
  for (; value >= 999.95 && unit < units.length - 1; unit++) value /= 1_000;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Short values are kept beside the outcome of their step; their URI holds them whole. */
export function formatPlace(uri: string): string {
  return uri.startsWith("data:") ? "with the run's state" : uri;
}

/** `1,000`. By hand: loading the locales takes 14 ms. */
export function formatCount(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

/** `09:16:20.021`, local time. */
export function formatTimeOfDay(at: string): string {
  const time = new Date(at);
  const pad = (part: number, digits = 2) => String(part).padStart(digits, "0");
  return `${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}.${pad(time.getMilliseconds(), 3)}`;
}

/** `now`, `12 s ago`, `5 min ago`, `3 h ago`, `4 d ago`. */
export function formatAge(ms: number): string {
  if (ms < 1_000) return "now";
  if (ms < 60_000) return `${Math.floor(ms / 1_000)} s ago`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ago`;
  return ms < 48 * 3_600_000 ? `${Math.floor(ms / 3_600_000)} h ago` : `${Math.floor(ms / 86_400_000)} d ago`;
}

/** From one ISO time to another, or to `now`; empty where it has not begun. */
export function formatSpan(startedAt: string | undefined, endedAt: string | undefined, now: number): string {
  if (startedAt === undefined) return "";
  const end = endedAt === undefined ? now : Date.parse(endedAt);
  return formatDuration(Math.max(0, end - Date.parse(startedAt)));
}

/** `12 completed, 1 failed`. */
export function formatCounts(counts: StatusCounts): string {
  const parts = stepRunStatuses.flatMap((status) => (counts[status] === undefined ? [] : [`${formatCount(counts[status])} ${status}`]));
  return parts.length === 0 ? "none" : parts.join(", ");
}
