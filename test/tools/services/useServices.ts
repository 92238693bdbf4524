/**
 * Real services for a suite, shared by all suites of one mocha run: started when the first suite needs them, stopped after the
 * last. A suite uses its own namespaces and databases, and must not disturb other suites. A suite that kills or pauses a service
 * starts its own set with `startServices`, and gets its users from `asUsers`.
 *
 * With HYPOGEUM_SERVICES_DIR, the services of that set are used. Those that were already running are left running.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Progress } from "../../../tools/services/Progress.ts";
import { ServiceSet } from "../../../tools/services/ServiceSet.ts";
import type { ServiceName } from "../../../tools/services/serviceNames.ts";
import { type Services, startServices } from "../../../tools/services/startServices.ts";
import { asUsers, type Users } from "./asUsers.ts";

/** `createDatabase` returns the administrator's URL. `leastPrivileges` makes the users of a database. */
export type SharedServices = Users & Pick<Services, "createDatabase" | "dropDatabase">;

/** Long enough for the first run on a machine, which downloads and builds the services. */
const installMs = 900_000;

const kept = process.env.HYPOGEUM_SERVICES_DIR;
const started: Services[] = [];
let dir: string | null = null;

/**
 * Call it inside `describe`: it starts the services before the tests.
 * @returns a function that returns the services. Call it in a test or in a later `before`, not earlier.
 */
export function useServices(...names: ServiceName[]): () => SharedServices {
  let services: SharedServices | null = null;
  before(`${names.join(", ")} up`, async function () {
    this.timeout(installMs);
    const shared = await shareServices(names);
    services = { ...shared, ...(await asUsers(shared, names)) };
  });
  return () => {
    if (services === null)
      throw new Error("the services are not started yet: call this function in a test or in a `before`");
    return services;
  };
}

async function shareServices(names: readonly ServiceName[]): Promise<Services> {
  dir ??= kept === undefined || kept === "" ? mkdtempSync(path.join(tmpdir(), "hypogeum-")) : kept;
  const progress = new Progress(process.stderr);
  try {
    const services = await startServices(names, { dir, report: progress.report });
    started.push(services);
    return services;
  } finally {
    progress.end();
  }
}

after("shared services down", async () => {
  for (const services of started.reverse()) await services.stop();
  if (dir !== null && dir !== kept) await new ServiceSet(dir).wipe();
});
