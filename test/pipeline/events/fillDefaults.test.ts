import assert from "node:assert/strict";
import * as z from "zod";
import { checkDefaults, fillDefaults } from "../../../src/pipeline/events/fillDefaults.ts";
import { platformTopics } from "../../../src/pipeline/events/platformTopics.ts";

describe("the defaults of a schema", () => {
  const entry = z.object({ seat: z.int(), rank: z.int().default(7), tags: z.array(z.string()).default(["new"]) });
  const schema = z.object({
    kind: z.string(),
    weight: z.number().default(1),
    roster: z.array(entry),
    first: entry.nullable().optional(),
    note: z.string().optional(),
  });

  it("are added where the value lacks the field, also in lists of objects, and nothing else changes", () => {
    const value = {
      kind: "a",
      roster: [
        { seat: 1, extra: true },
        { seat: 2, rank: 0, tags: [] },
      ],
      unknown: { x: 1 },
    };
    fillDefaults(schema, value);
    const filled = { seat: 1, extra: true, rank: 7, tags: ["new"] };
    assert.deepEqual(value, {
      ...{ kind: "a", unknown: { x: 1 }, weight: 1 },
      roster: [filled, { seat: 2, rank: 0, tags: [] }],
    });
    const first = { kind: "a", roster: [], first: { seat: 3 } };
    fillDefaults(schema, first);
    assert.deepEqual(first.first, { seat: 3, rank: 7, tags: ["new"] });
  });

  it("are separate in each value", () => {
    const [one, other]: { roster: { tags?: string[] }[] }[] = [{ roster: [{}] }, { roster: [{}] }];
    for (const value of [one, other]) fillDefaults(schema, value);
    one.roster[0].tags!.push("mine");
    assert.deepEqual(other.roster[0].tags, ["new"]);
  });

  it("can be added in every topic of the platform", () => {
    for (const { schema } of Object.values(platformTopics)) checkDefaults(schema);
  });

  it("are refused where they cannot be added", () => {
    for (const wrong of [z.record(z.string(), entry), z.union([entry, z.string()])])
      assert.throws(() => checkDefaults(z.object({ wrong })), /must be that of an object's field/);
  });
});
