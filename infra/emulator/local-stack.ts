import { join } from "node:path";
import { runCommand, succeeds } from "./command.ts";

const file = join(import.meta.dirname, "../../docker-compose.yml");

/** LocalStack in Docker, as `docker-compose.yml` has it. */
export const localStack = {
  name: "LocalStack in Docker",
  missing: "Docker (with its compose plugin) does not answer: `docker info` and `docker compose version` must work",
  isPossible: async (): Promise<boolean> => (await succeeds("docker", ["info"])) && succeeds("docker", ["compose", "version"]),
  /** Pulls the image the first time; an instance that runs already stays. */
  start: async (): Promise<void> => {
    await runCommand("docker", ["compose", "--file", file, "up", "--detach", "--wait", "localstack"]);
  },
  stop: async (): Promise<void> => {
    await runCommand("docker", ["compose", "--file", file, "down"]);
  },
} as const;
