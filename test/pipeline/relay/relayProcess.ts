/** The relay in its own process, to be killed. Argument: its configuration as JSON. Prints its stats. */
import { type RelayConfig, runRelay } from "../../../src/pipeline/relay/runRelay.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";

const relay = runRelay(JSON.parse(process.argv[2]) as RelayConfig, silent);
setInterval(() => console.log(JSON.stringify(relay.stats())), 50);
