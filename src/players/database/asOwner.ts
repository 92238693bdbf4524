import { asCalled } from "../../platform/commandLine/asCalled.ts";
import { DatabaseUnavailable, isUnavailable } from "../../platform/sql/DatabaseUnavailable.ts";
import { GRANT } from "../../platform/sql/problem.ts";

/**
 * Runs work of `command` that only the owner of the tables may do. If a privilege is missing, the error says to run the command as the owner:
 * the server's user must not get this privilege.
 */
export async function asOwner<T>(command: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isUnavailable(error) || error.fault !== "denied") throw error;
    const line = error.message.replace(GRANT, `run ${asCalled(command)} as the owner of the tables`);
    throw new DatabaseUnavailable(line, error.fault, error.code);
  }
}
