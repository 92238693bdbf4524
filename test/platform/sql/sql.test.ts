import { sqlContract } from "./contract.ts";
import { sqlServers } from "./servers.ts";

for (const [name, start] of sqlServers) sqlContract(name, () => start("administrator"));
