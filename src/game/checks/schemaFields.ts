/** Reads what a schema class declares, without assuming that it is one. */
import { Metadata, Schema } from "@colyseus/schema";
import { describeThrown } from "../GameFault.ts";
import { notExpected, type Refuse, type Values } from "./refusal.ts";

const REMEDY = 'declare it with schema({ … }, "Name") or as a class that extends Schema, both of @colyseus/schema';

/** The fields of the class by name, with their types: a name such as `uint8`, or an object for what is no single value. */
export function fieldsOf(refuse: Refuse, place: string, declared: unknown): Values {
  // A class without fields has no metadata, and one of another copy of the library does not extend this one's Schema.
  if (typeof declared !== "function" || !(declared.prototype instanceof Schema || Symbol.metadata in declared))
    return refuse(place, notExpected(declared, "a schema class"), REMEDY);
  return Symbol.metadata in declared ? Metadata.getFields(declared) : {};
}

export function newInstance(refuse: Refuse, place: string, declared: unknown): object {
  try {
    return new (declared as new () => object)();
  } catch (error) {
    return refuse(place, `new ${place}() threw ${describeThrown(error)}`, "let it be created without arguments");
  }
}
