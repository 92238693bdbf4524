/**
 * Finds event fields that keep their name and change their type. Even a raised version does not permit this: warehouse and lake
 * have one column per name, which keeps the values of older events.
 */
import type { JsonSchema } from "./messageSchemas.ts";

/** One line per field; empty if there is none. */
export function retypedFields(before: JsonSchema, after: JsonSchema): string[] {
  const now = columnsIn(after);
  return [...columnsIn(before)].flatMap(([name, type]) => {
    const other = now.get(name);
    if (other === undefined || other === type) return [];
    return [
      `${name} was ${type} and is now ${other}: give the changed field a new name, because its column keeps its type`,
    ];
  });
}

/** The type of each field by its path. */
function columnsIn(message: JsonSchema): Map<string, string> {
  const { events, ...own } = (message.properties ?? {}) as Record<string, JsonSchema>;
  if (events === undefined) return typesIn("value", own);
  const items = events.items as JsonSchema;
  const kinds = (items.anyOf ?? [items]) as JsonSchema[];
  return new Map(
    kinds.flatMap(({ properties }) => {
      const fields = (properties ?? {}) as Record<string, JsonSchema>;
      const kind = fields.kind?.const === undefined ? "" : `(${fields.kind.const})`;
      return [...typesIn(`value.events[]${kind}`, fields)];
    }),
  );
}

function typesIn(path: string, fields: Readonly<Record<string, JsonSchema>>): Map<string, string> {
  return new Map(Object.entries(fields).flatMap(([name, field]) => typesOf(`${path}.${name}`, field)));
}

/** The type of a field and of what is inside it: the lake has a nested column for lists and objects. */
function typesOf(path: string, schema: JsonSchema): [string, string][] {
  const inside = ((schema.anyOf ?? [schema]) as JsonSchema[]).flatMap(({ items, properties, additionalProperties }) => [
    ...inner(`${path}[]`, items),
    ...Object.entries(properties ?? {}).flatMap(([name, field]) => typesOf(`${path}.${name}`, field as JsonSchema)),
    ...inner(`${path}{}`, additionalProperties),
  ]);
  return [[path, typeOf(schema)], ...inside];
}

/** `items` and `additionalProperties` can be absent, or a boolean. */
function inner(path: string, schema: unknown): [string, string][] {
  return typeof schema === "object" && schema !== null ? typesOf(path, schema as JsonSchema) : [];
}

/** Whether a value can be null does not change its column. */
function typeOf(schema: JsonSchema): string {
  const types = ((schema.anyOf ?? [schema]) as JsonSchema[]).map(({ type }) => String(type));
  return types.filter((type) => type !== "null").join(" or ");
}
