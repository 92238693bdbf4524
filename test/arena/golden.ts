/**
 * Recorded hashes for every mode and tick rate, by version of the rules. `node test/arena/golden.ts` records the hashes of the
 * current version. It does not overwrite a recorded version.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { rules } from "../../src/arena/rules.ts";
import { hashesOf } from "./randomMatch.ts";

type Golden = Record<string, Record<string, string>>;

const file = path.join(import.meta.dirname, "golden.json");
const SECONDS = 25;

export const readGolden = (): Golden => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {});

/** Plays one seeded match per mode and tick rate under the current rules, and returns their hashes. */
export function presentHashes(): Record<string, string> {
  const hashes: Record<string, string> = {};
  for (const mode of Object.keys(rules.modes)) {
    for (const tickRate of [10, 20, 30, 60]) {
      const all = hashesOf({ mode, tickRate, seed: tickRate, ticks: SECONDS * tickRate, bot: false });
      hashes[`${mode} at ${tickRate} Hz`] = `${all[2]} ${all.at(-1)}`;
    }
  }
  return hashes;
}

if (process.argv[1] === import.meta.filename) {
  const golden = readGolden();
  if (Object.hasOwn(golden, rules.version)) {
    console.error(
      `the hashes of version ${rules.version} are already recorded: raise rules.version, or delete them from ${path.basename(file)}`,
    );
    process.exit(1);
  }
  golden[rules.version] = presentHashes();
  writeFileSync(file, `${JSON.stringify(golden, null, 2)}\n`);
  console.log(`recorded version ${rules.version}`);
}
