/** The users of deploy/privileges on services that a suite has started. Program code in the suite uses `env`. */
import { type Environment, variables } from "../../../tools/services/environment.ts";
import { type ServiceName, serviceNames } from "../../../tools/services/serviceNames.ts";
import { type Services, uniqueNamespace } from "../../../tools/services/startServices.ts";
import { leastPrivileges } from "./leastPrivileges.ts";

export interface Users {
  /** The variables of users who have only the privileges that the program needs. Without databases: see `leastPrivileges`. */
  readonly env: Readonly<Record<string, string>>;
  /** A new NAMESPACE that these users may use. It ends with a hyphen. */
  namespace(): string;
  /** The variables of the administrators, for what the test itself does: change topics, delete or inspect data, cut connections. */
  readonly admin: Environment;
}

/** `names`: the services that are running. */
export async function asUsers({ env: admin }: Pick<Services, "env">, names: readonly ServiceName[]): Promise<Users> {
  const others = serviceNames.filter((name) => name === "postgres" || !names.includes(name));
  const hidden = new Set<string>(others.flatMap((name) => variables[name]));
  const shown = Object.fromEntries(Object.entries(admin).filter(([variable]) => !hidden.has(variable)));
  const prefix = `${uniqueNamespace()}-`;
  let made = 0;
  return {
    env: { ...shown, ...(await leastPrivileges({ ...shown, NAMESPACE: prefix }, `${prefix}*`)) },
    namespace: () => `${prefix}${++made}-`,
    admin,
  };
}
