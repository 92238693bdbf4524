/**
 * Compares two JSON Schemas of a message and finds the breaking changes. A consumer written for the first must be able to read
 * what the second describes: no field may be removed, renamed, retyped, made optional or narrowed. And the second must accept
 * messages that were written before: a field that is new or becomes required needs a default. New optional fields, kinds and
 * names and wider ranges break nothing.
 */
import type { JsonSchema } from "./messageSchemas.ts";

/** One line per breaking change; empty if there is none. */
export function breakingChanges(before: JsonSchema, after: JsonSchema, path = "value"): string[] {
  const branches = branchesOf(before) ?? (hasMoreShapes(before, after) ? [before] : null);
  if (branches !== null) return branchChanges(branches, branchesOf(after) ?? [after], path);
  return [
    ...typeChanges(before, after, path),
    ...rangeChanges(before, after, path),
    ...fieldChanges(before, after, path),
    ...itemChanges(before, after, path),
  ];
}

function branchesOf(schema: JsonSchema): JsonSchema[] | null {
  return (schema.anyOf ?? schema.oneOf ?? null) as JsonSchema[] | null;
}

/** Another game may add events of its own to a topic. A value that was never null must not become null. */
function hasMoreShapes(before: JsonSchema, after: JsonSchema): boolean {
  const branches = branchesOf(after);
  return before.type === "object" && branches !== null && branches.every(({ type }) => type === "object");
}

/** Compares branches with the same `kind`; without a `kind`, the branch with the fewest changes counts. */
function branchChanges(before: readonly JsonSchema[], after: readonly JsonSchema[], path: string): string[] {
  return before.flatMap((branch) => {
    const kind = kindOf(branch);
    const at = kind === undefined ? path : `${path}(${kind})`;
    const candidates = after.filter((other) => kindOf(other) === kind);
    if (candidates.length === 0) return [`${at} was removed`];
    return candidates.map((other) => breakingChanges(branch, other, at)).sort((a, b) => a.length - b.length)[0];
  });
}

function kindOf(schema: JsonSchema): unknown {
  return (schema.properties as Record<string, JsonSchema> | undefined)?.kind?.const;
}

function typeChanges(before: JsonSchema, after: JsonSchema, path: string): string[] {
  if (before.type === undefined && before.const === undefined && before.enum === undefined) return [];
  if (branchesOf(after) !== null || JSON.stringify(before.type) !== JSON.stringify(after.type))
    return [`${path} is no longer ${JSON.stringify(before.type)}`];
  if (before.const !== undefined && before.const !== after.const)
    return [`${path} is no longer ${JSON.stringify(before.const)}`];
  if (after.enum === undefined) return [];
  const names = after.enum as unknown[];
  if (before.enum === undefined) return [`${path} is narrowed to ${JSON.stringify(names)}`];
  return (before.enum as unknown[])
    .filter((name) => !names.includes(name))
    .map((name) => `${path} no longer has ${name}`);
}

function rangeChanges(before: JsonSchema, after: JsonSchema, path: string): string[] {
  const changes: string[] = [];
  for (const [keyword, sign] of [
    ["minimum", 1],
    ["maximum", -1],
    ["minLength", 1],
    ["maxLength", -1],
    ["minItems", 1],
    ["maxItems", -1],
  ] as const) {
    const [old, now] = [before[keyword], after[keyword]] as (number | undefined)[];
    if (now !== undefined && (old === undefined || sign * now > sign * old))
      changes.push(`${path} is narrowed: ${keyword} ${old ?? "none"} → ${now}`);
  }
  if (after.pattern !== undefined && before.pattern !== after.pattern) changes.push(`${path} has a different pattern`);
  return changes;
}

function fieldChanges(before: JsonSchema, after: JsonSchema, path: string): string[] {
  const old = (before.properties ?? {}) as Record<string, JsonSchema>;
  const now = (after.properties ?? {}) as Record<string, JsonSchema>;
  const [wasRequired, isRequired] = [requiredIn(before), requiredIn(after)];
  const changes = Object.entries(old).flatMap(([name, field]) => {
    if (now[name] === undefined) return [`${path}.${name} was removed`];
    const changes = breakingChanges(field, now[name], `${path}.${name}`);
    return wasRequired.has(name) && !isRequired.has(name)
      ? [`${path}.${name} is no longer required`, ...changes]
      : changes;
  });
  if (before.properties === undefined) return changes;
  const added = [...isRequired].filter((name) => !wasRequired.has(name));
  return [
    ...changes,
    ...added.map(
      (name) =>
        `${path}.${name} is ${old[name] === undefined ? "new and" : "now"} required, but older messages lack it: declare it with .default(value) or .optional()`,
    ),
  ];
}

function requiredIn(schema: JsonSchema): ReadonlySet<string> {
  return new Set((schema.required ?? []) as string[]);
}

function itemChanges(before: JsonSchema, after: JsonSchema, path: string): string[] {
  return ["items", "additionalProperties", "propertyNames"].flatMap((keyword) => {
    const [old, now] = [before[keyword], after[keyword]];
    if (typeof old !== "object" || typeof now !== "object") return [];
    return breakingChanges(old as JsonSchema, now as JsonSchema, `${path}[]`);
  });
}
