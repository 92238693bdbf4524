/**
 * Words and names that texts of this project must not contain, because readers had to decode them. A new entry needs a
 * replacement and an example; keep out words that are also right somewhere.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");

/** Generated texts, and this test with its neighbours. */
const EXEMPT = /^(docs\/events\/|bench\/RESULTS\.md$|test\/tidy\/)/;

interface Wording {
  /** The word as the failure names it. */
  readonly word: string;
  readonly pattern: RegExp;
  /** What to write instead. */
  readonly say: string;
  /** A text that the pattern must find. */
  readonly example: string;
}

const words: readonly Wording[] = [
  { word: "anew", pattern: /\banew\b/i, say: '"recreated", "rebuilt" or "again"', example: "made anew at every start" },
  {
    word: "put out",
    pattern: /\bput(s|ting)? out\b/i,
    say: '"removed" or "kicked" for a player',
    example: "A player is put out.",
  },
  {
    word: "nothing was read",
    pattern: /\b(nothing|what) was read\b/i,
    say: '"is not set", or name the value',
    example: "allowed is a port, what was read is x",
  },
  {
    word: "with commas between",
    pattern: /\bcommas between\b/i,
    say: '"comma-separated"',
    example: "names with commas between",
  },
  {
    word: "has run out",
    pattern: /(?<!\btime would )\b(has|have) run out\b/i,
    say: '"has expired"',
    example: "a token that has run out",
  },
  {
    word: "is away",
    pattern: /\b(is|are|was|were) away\b|\bwith \w+ away\b/i,
    say: '"is unavailable" for a service, "is disconnected" for a client',
    example: "while Redis is away",
  },
  {
    word: "is told",
    pattern: /\b(is|are|was|were|be|been|not) told\b/i,
    say: '"is notified", "is informed" or "is sent"; "told apart": "distinguished"; "was told to": "was asked to"',
    example: "Players are told of ratings.",
  },
  {
    word: "tells whether",
    pattern: /\btells? whether\b/i,
    say: '"reports whether"',
    example: "tells whether it is ready",
  },
  {
    word: "goes home",
    pattern: /\b(go|goes|went) home\b/i,
    say: '"leaves" or "disconnects"',
    example: "A bot goes home.",
  },
  {
    word: "goes on",
    pattern: /\bgoes on\b/i,
    say: '"continues"',
    example: "the match goes on",
  },
  {
    word: "who comes",
    pattern: /\bwho(ever)? comes\b/i,
    say: '"late joiner" for who comes late, "reconnecting player" for who comes back',
    example: "who comes late is seated",
  },
  {
    word: "whoever",
    pattern: /\bwhoever\b/i,
    say: '"a player who", "a caller that" and the like: name the subject',
    example: "Whoever waits is paired.",
  },
  {
    word: "somebody",
    pattern: /\b(some|any|every)body\b/i,
    say: '"a player" or "a client"; "any player"; "all players"',
    example: "Somebody has sat down.",
  },
  {
    word: "those inside",
    pattern: /\b(those|players) (who are )?inside\b/i,
    say: '"connected players" or "players in matches"',
    example: "lost to those inside",
  },
  {
    word: "sits down",
    pattern: /\b(sit|sits|sat|sitting) down\b/i,
    say: '"joins" or "takes its seat"',
    example: "its player sat down",
  },
  {
    word: "in order",
    pattern: /\b(end|stop|leave|go|close|finish)\w* in order\b|\bleft in order\b/i,
    say: '"gracefully"',
    example: "Each process ends in order.",
  },
  {
    word: "all is well",
    pattern: /\ball is well\b/i,
    say: '"null if there is no problem"',
    example: "null when all is well",
  },
  {
    word: "for want of",
    pattern: /\bfor want of\b/i,
    say: '"because there is no"',
    example: "end for want of space",
  },
  {
    word: "for ever",
    pattern: /\bfor ever\b/i,
    say: '"forever"',
    example: "tried again for ever",
  },
  {
    word: "wish",
    pattern: /\b\w*wish(es)?\b/i,
    say: '"request" for what a player asks for, "options" for settings, "deps" for collaborators',
    example: "export interface QueueWishes {",
  },
  {
    word: "…Parts",
    pattern: /\b[A-Z]\w*Parts\b|\b(interface|type|class) Parts\b/,
    say: '"…Deps" for collaborators, "…Options" for settings',
    example: "export interface WatchParts {",
  },
  { word: "untold", pattern: /untold/i, say: '"onPublishError"', example: "new Driver({ untold })" },
  { word: "astray", pattern: /astray/i, say: '"unroutable"', example: "const { sent, astray } = result;" },
  { word: "ADRIFT", pattern: /\bADRIFT\b/, say: '"NO_PROCESS"', example: "from === ADRIFT" },
  { word: "Backstage", pattern: /backstage/i, say: '"DataServices"', example: "await openBackstage(config)" },
  { word: "PutOut", pattern: /putOut/i, say: '"PlayerRemoval", "remove"', example: "tickets.putOut(id)" },
  { word: "BusyDoor", pattern: /busyDoor/i, say: '"CapacityGuard"', example: "new BusyDoor(isBusy)" },
  { word: "stateMoves", pattern: /\bstateMoves\b/, say: '"emitMoves"', example: "stateMoves(world)" },
  {
    word: "Owns",
    pattern: /^(\/\*\*| \*) Owns\b/,
    say: "what the file is for, as a noun phrase or a verb; delete a header that only repeats the name of the file",
    example: "/** Owns the queue. */",
  },
];

const lines = execFileSync("git", ["ls-files", "*.ts", "*.md", "*.sql", "*.yaml"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((file) => file !== "" && !EXEMPT.test(file) && existsSync(path.join(root, file)))
  .flatMap((file) =>
    readFileSync(path.join(root, file), "utf8")
      .split("\n")
      .map((text, at) => ({ text, where: `${file}:${at + 1}` })),
  );

describe("the wording of code and documents", () => {
  for (const { word, pattern, say, example } of words) {
    it(`avoids "${word}"`, () => {
      const found = lines.filter(({ text }) => pattern.test(text)).map(({ where, text }) => `${where}: ${text.trim()}`);
      assert.equal(found.length, 0, `instead of "${word}", write ${say}:\n${found.join("\n")}`);
    });

    it(`recognises "${word}"`, () => assert.match(example, pattern));
  }
});
