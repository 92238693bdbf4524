import { parseArgs } from "node:util";
import { migrate } from "../../players/database/migrate.ts";
import { adopt } from "../installation/adopt.ts";
import { Places } from "../installation/Places.ts";
import type { CommandPorts } from "./commandPorts.ts";

const USAGE = `usage: npm run migrate [-- --adopt]
  --adopt  after the migration, makes database, Redis and Kafka of this configuration belong to one installation; refused while the
           installation that owns one of them is running
`;

interface Terminal {
  out(text: string): void;
  err(text: string): void;
}

/** Resolves to the exit code. */
export async function migrateCommand(args: string[], ports: CommandPorts, terminal: Terminal): Promise<number> {
  let isAdopting: boolean | undefined;
  try {
    ({ adopt: isAdopting } = parseArgs({ args, options: { adopt: { type: "boolean" } } }).values);
  } catch (error) {
    terminal.err(`${(error as Error).message.split("\n")[0]}\n${USAGE}`);
    return 2;
  }
  const sql = await ports.operational();
  const applied = await migrate(sql);
  terminal.out(applied === 0 ? "the database is up to date\n" : `migrations applied: ${applied}\n`);
  if (isAdopting !== true) return 0;
  const places = new Places(ports.config, sql, ports.logger);
  try {
    for (const line of await adopt(places)) terminal.out(`${line}\n`);
  } finally {
    places.close();
  }
  return 0;
}
