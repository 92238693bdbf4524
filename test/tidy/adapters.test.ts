/**
 * Private parts of Colyseus, `ws` and kafkajs are used in `src/platform/adapters` alone, each with its reason and a pinning
 * test.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");
const ADAPTERS = "src/platform/adapters";

/**
 * Patterns of code that uses private parts of a library. Own private members are `#name` or `private name`, without an
 * underscore.
 */
const privateUses: Record<string, RegExp> = {
  "a member with an underscore": /\._[a-zA-Z]|\[\s*["'`]_[a-zA-Z]/,
  "the name of such a member": /["'`]_(?!bucket["'`])[a-zA-Z]\w*["'`]/,
  "a destructured member with an underscore": /(?:const|let|var)\s*\{[^=;]*\b_[a-zA-Z]\w*[^=;]*\}\s*=/,
  "a type with such a member": /^\s*(?:readonly\s+)?_[a-zA-Z]\w*\??\s*(?::[^,)]*;|\()/m,
  "a property looked up by its symbol": /getOwnPropertySymbols/,
  "a file inside a library": /["'](?:kafkajs|ws|@colyseus\/(?!schema\/input["'])[\w-]+)\/[^"']+["']/,
  "a replaced method of the framework":
    /controller\.invokeMethod|\b(?:Room|WebSocket|Kafka|SchemaSerializer)\.prototype\b/,
  "a replaced clock of a room": /\.clock as unknown as/,
  "a class whose protected members are inherited": /\bextends\s+(?:SchemaSerializer|RedisPresence)\b/,
};

function sourceFiles(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.includes("/dist/"));
}

const read = (file: string): string => readFileSync(path.join(root, file), "utf8");

const usesIn = (text: string): string[] =>
  Object.entries(privateUses)
    .filter(([, pattern]) => pattern.test(text))
    .map(([use]) => use);

const adapters = sourceFiles(ADAPTERS);

describe("private parts of libraries", () => {
  it("are used nowhere outside the adapters", () => {
    const wrong = ["src", "rooms", "schema", "loadtest", "web"]
      .flatMap(sourceFiles)
      .filter((file) => !file.startsWith(`${ADAPTERS}/`))
      .flatMap((file) => usesIn(read(file)).map((use) => `${file}: ${use}`));
    assert.deepEqual(wrong, []);
  });

  it("are used by each adapter, because an adapter that uses none is unnecessary", () => {
    assert.deepEqual(
      adapters.filter((file) => usesIn(read(file)).length === 0),
      [],
    );
  });

  for (const line of [
    "client._inputBuffer?.ackSeq",
    'room["_reservedSeats"]',
    'remoteRoomCall(roomId, "_reserveSeat", [])',
    "const { readyState, _socket: socket } = webSocket;",
    "  readonly _socket?: Socket | null;",
    "  _onMessage(client: Client): void;",
    "Object.getOwnPropertySymbols(kafka)",
    'createRequire(import.meta.url)("kafkajs/src/network/requestQueue")',
    'import { Room } from "@colyseus/core/build/Room";',
    "matchMaker.controller.invokeMethod = other;",
    "const clock = room.clock as unknown as { now: () => number };",
    "class Own extends SchemaSerializer<Schema> {",
  ])
    it(`are recognised in: ${line.trim()}`, () => assert.notDeepEqual(usesIn(line), []));

  for (const line of [
    "push(input: number, _reckonTime = 0, seq = 1): void {",
    "onLeave(_client: Client, code: number): void {",
    "seats.filter((_, at) => at > 0)",
    'import { InputEncoder } from "@colyseus/schema/input";',
    'name.endsWith("_bucket")',
  ])
    it(`are not recognised in: ${line}`, () => assert.deepEqual(usesIn(line), []));
});

describe("an adapter to private parts", () => {
  const pinned = sourceFiles("test/colyseus").flatMap((file) =>
    [...read(file).matchAll(/from "([^"]+)"|^import "([^"]+)"/gm)].map((match) =>
      path.join(path.dirname(file), match[1] ?? match[2]),
    ),
  );

  for (const file of adapters) {
    const header = read(file).match(/^\/\*\*[\s\S]*?\*\//)?.[0] ?? "";
    it(`${path.relative(ADAPTERS, file)} states its reason and when it can be removed`, () => {
      assert.match(header, /^ \* Reason: \S/m);
      assert.match(header, /^ \* Remove when: \S/m);
    });

    it(`${path.relative(ADAPTERS, file)} has a pinning test in test/colyseus`, () => assert.ok(pinned.includes(file)));
  }
});
