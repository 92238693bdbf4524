/**
 * Compares two JSON Schemas of a message and finds the changes that break a consumer written for the first: a field removed,
 * renamed, retyped, made optional or narrowed. New fields, kinds and names and wider ranges are not breaking changes.
 */
import type { JsonSchema } from "./messageSchemas.ts";

/** One line per breaking change; empty if there is none. */
export function breakingChanges(before: JsonSchema, after: JsonSchema, path = "value"): string[] {
  const branches = branchesOf(before);
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
  const now = (after.properties ?? {}) as Record<string, JsonSchema>;
  const required = new Set((after.required ?? []) as string[]);
  return Object.entries((before.properties ?? {}) as Record<string, JsonSchema>).flatMap(([name, field]) => {
    if (now[name] === undefined) return [`${path}.${name} was removed`];
    const changes = breakingChanges(field, now[name], `${path}.${name}`);
    const wasRequired = ((before.required ?? []) as string[]).includes(name);
    return wasRequired && !required.has(name) ? [`${path}.${name} is no longer required`, ...changes] : changes;
  });
}

function itemChanges(before: JsonSchema, after: JsonSchema, path: string): string[] {
  return ["items", "additionalProperties", "propertyNames"].flatMap((keyword) => {
    const [old, now] = [before[keyword], after[keyword]];
    if (typeof old !== "object" || typeof now !== "object") return [];
    return breakingChanges(old as JsonSchema, now as JsonSchema, `${path}[]`);
  });
}
