/**
 * Writes the JSON Schema files in `docs/events/`, checks that they are current, and finds changes that need a new version first.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { breakingChanges } from "./breakingChanges.ts";
import type { JsonSchema } from "./messageSchemas.ts";
import { retypedFields } from "./retypedFields.ts";

/** Reasons not to write the files, one line each. Removing a topic is a breaking change, too. */
export function incompatibilities(directory: string, schemas: ReadonlyMap<string, JsonSchema>): string[] {
  return [...readSchemas(directory)].flatMap(([topic, before]) => {
    const after = schemas.get(topic);
    if (after === undefined)
      return [
        `${topic}: the topic was removed, so its older messages cannot be read: declare its event with retired: true`,
      ];
    return changesIn(versionsIn(before), versionsIn(after)).map((change) => `${topic}: ${change}`);
  });
}

function changesIn(before: ReadonlyMap<number, JsonSchema>, after: ReadonlyMap<number, JsonSchema>): string[] {
  const [old, now] = [before, after].map((versions) => Math.max(...versions.keys()));
  if (now < old) return [`the version was lowered from ${old} to ${now}`];
  if (now > old) return retypedFields(before.get(old)!, after.get(now)!);
  // Of several games that share a topic, one may have raised its version to that of another.
  return [...before].flatMap(([version, schema]) => {
    const same = after.get(version);
    return same === undefined ? [] : breakingChanges(schema, same).map((change) => `${change}, or raise the version`);
  });
}

/** Topics whose file differs from the declarations. */
export function outdatedTopics(directory: string, schemas: ReadonlyMap<string, JsonSchema>): string[] {
  const written = readSchemas(directory);
  const topics = new Set([...written.keys(), ...schemas.keys()]);
  return [...topics].filter((topic) => JSON.stringify(written.get(topic)) !== JSON.stringify(schemas.get(topic)));
}

export function writeSchemas(directory: string, schemas: ReadonlyMap<string, JsonSchema>): void {
  mkdirSync(directory, { recursive: true });
  for (const [topic, schema] of schemas) {
    writeFileSync(join(directory, `${topic}.json`), `${JSON.stringify(schema, null, 2)}\n`);
  }
}

function readSchemas(directory: string): Map<string, JsonSchema> {
  const names = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith(".json")) : [];
  return new Map(
    names.map((name) => [name.slice(0, -".json".length), JSON.parse(readFileSync(join(directory, name), "utf8"))]),
  );
}

/** Games that share a topic may write different versions of it. */
function versionsIn(schema: JsonSchema): Map<number, JsonSchema> {
  const messages = (schema.anyOf ?? [schema]) as JsonSchema[];
  return new Map(
    messages.map((message) => [(message.properties as { v?: { const?: number } } | undefined)?.v?.const ?? 0, message]),
  );
}
