/** Checks the declaration of a world before anything is built from it. */
import type { ListField, PoolField, WorldDeclaration } from "./declaration.ts";
import { isNumberType } from "./numbers.ts";
import { POOL_MEMBERS } from "./Pool.ts";

const PARTS = ["globals", "seats", "lists", "pools"];
/** Longest list and largest pool. */
export const LENGTH_MAX = 1 << 20;
const NUMBER_TYPES = "i32, u32, i16, u16, i8, u8 or fixed(scale)";

/** Throws an error that names the first wrong field, what was expected and what to do. */
export function checkDeclaration(declaration: WorldDeclaration): void {
  for (const part of Object.keys(declaration)) {
    if (!PARTS.includes(part)) throw new Error(`a world has no part ${JSON.stringify(part)}: expected ${PARTS.join()}`);
  }
  const { globals = {}, seats = {}, lists = {}, pools = {} } = declaration;
  if ([globals, seats, lists, pools].every((part) => Object.keys(part).length === 0))
    throw new Error("the world declares no field: declare at least globals: { tick: u32 }");
  for (const [name, field] of Object.entries(globals)) checkGlobal(`globals.${name}`, name, field);
  for (const [name, field] of Object.entries(seats)) {
    if (isList(field))
      throw new Error(
        `seats.${name} is a list, but a field of seats is one number per seat: declare it in lists, with the length ({ teams }) => teams.length × its numbers per seat`,
      );
    checkNumber(`seats.${name}`, name, field);
  }
  for (const [name, field] of Object.entries(lists)) {
    checkName(`lists.${name}`, name);
    if (!isList(field)) throw new Error(`lists.${name} is not a list: expected list(type, length), as in list(i32, 4)`);
    checkList(`lists.${name}`, field);
  }
  for (const [name, field] of Object.entries(pools)) checkPool(`pools.${name}`, name, field);
}

function checkGlobal(path: string, name: string, field: unknown): void {
  if (!isList(field)) {
    checkNumber(path, name, field);
    return;
  }
  checkName(path, name);
  if (typeof field.length === "function")
    throw new Error(`${path} has a length that depends on the match: declare it in lists, or give it a fixed length`);
  checkList(path, field);
}

function checkPool(path: string, name: string, field: PoolField): void {
  checkName(path, name);
  if (typeof field !== "object" || field === null || typeof field.fields !== "object" || field.fields === null)
    throw new Error(`${path} is not a pool: expected pool(capacity, fields), as in pool(64, { x: i32 })`);
  checkLength(path, "capacity", field.capacity);
  for (const [member, type] of Object.entries(field.fields)) {
    if (POOL_MEMBERS.includes(member))
      throw new Error(`${path}.${member} has the name of a member of every pool: rename the field`);
    checkNumber(`${path}.${member}`, member, type);
  }
}

function checkList(path: string, { of, length }: ListField): void {
  checkType(path, of);
  if (typeof length !== "function") checkLength(path, "length", length);
}

/** Throws unless `length` is a possible length of the field. */
export function checkLength(path: string, what: "length" | "capacity", length: number): void {
  if (!Number.isInteger(length) || length < 1 || length > LENGTH_MAX)
    throw new Error(`${path} has the ${what} ${length}: expected a whole number from 1 to ${LENGTH_MAX}`);
}

function checkNumber(path: string, name: string, field: unknown): void {
  checkName(path, name);
  checkType(path, field);
}

function checkName(path: string, name: string): void {
  if (!/^[a-z][A-Za-z0-9]*$/.test(name) || name in Object.prototype)
    throw new Error(
      `invalid name ${path}: expected a lower-case letter, then letters and digits, as in attackReadyTick`,
    );
}

function checkType(path: string, type: unknown): void {
  if (isNumberType(type)) return;
  const given = typeof type === "object" ? "an object" : (JSON.stringify(type) ?? typeof type);
  throw new Error(`${path} is declared as ${given}: expected ${NUMBER_TYPES}, imported from hypogeum`);
}

function isList(field: unknown): field is ListField {
  return typeof field === "object" && field !== null && "of" in field && "length" in field;
}
