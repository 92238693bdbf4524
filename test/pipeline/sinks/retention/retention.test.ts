import assert from "node:assert/strict";
import { Retention, type RetentionState } from "../../../../src/pipeline/sinks/retention/Retention.ts";
import { retentionCommand } from "../../../../src/pipeline/sinks/retention/retentionCommand.ts";
import { UsageError } from "../../../../src/platform/commandLine/CommandUsage.ts";
import { DAY_MS, NOON_MS } from "../matches.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const MONTH_MS = 30 * DAY_MS;
const RETENTION_DAYS = 7;
const dayOf = (unixMs: number) => new Date(unixMs).toISOString().slice(0, 10);

/** A machine with data of each day, on which a program with retention runs. Each new message has the time of its clock. */
class Machine {
  trueMs = NOON_MS;
  /** How far the wall clock is wrong. */
  wrongMs = 0;
  boot = "boot-1";
  bootedMs = NOON_MS - DAY_MS;
  days: Set<string>;
  readonly lines: string[] = [];
  reported: string | null = null;
  deletedDays = 0;
  state: RetentionState | null = null;
  /** Append time of messages; null: that of this machine's clock, as when embedded. */
  brokerMs: (() => number) | null = null;
  retention = this.start();

  constructor(daysOfData = RETENTION_DAYS) {
    this.days = new Set(Array.from({ length: daysOfData + 1 }, (_, days) => dayOf(NOON_MS - days * DAY_MS)));
  }

  start(): Retention {
    const data = {
      daysBefore: async (day: string) => [...this.days].filter((one) => one < day).sort(),
      deleteBefore: async (day: string) => {
        assert.equal(this.state!.deletedBefore, day, "other processes know that this is not lost");
        const old = [...this.days].filter((one) => one < day);
        for (const one of old) this.days.delete(one);
        return `${old.length} files`;
      },
    };
    const store = {
      load: async () => this.state,
      save: async (state: RetentionState) => {
        this.state = structuredClone(state);
      },
    };
    this.retention = new Retention("lake", data, store, {
      retentionDays: RETENTION_DAYS,
      now: () => this.clockMs,
      bootTime: () => ({ boot: this.boot, uptimeMs: this.trueMs - this.bootedMs }),
      warn: (line) => void this.lines.push(line),
      inform: (line) => void this.lines.push(line),
      deleted: (days) => {
        this.deletedDays += days;
      },
      report: (line) => {
        this.reported = line;
      },
    });
    return this.retention;
  }

  get clockMs(): number {
    return this.trueMs + this.wrongMs;
  }

  /** Runs for a time, in which messages of each day are stored. */
  async run(ms: number): Promise<void> {
    for (const endMs = this.trueMs + ms; this.trueMs < endMs; ) {
      this.trueMs = Math.min(endMs, this.trueMs + HOUR_MS);
      this.days.add(dayOf(this.trueMs));
      await this.tick();
    }
  }

  async tick(): Promise<void> {
    this.retention.readMessage(this.brokerMs?.() ?? this.clockMs);
    await this.retention.runIfDue();
  }
}

describe("retention", () => {
  it("deletes each day when it is too old, and says what and how much", async () => {
    const machine = new Machine();
    await machine.run(DAY_MS);
    assert.deepEqual([...machine.days].sort()[0], dayOf(machine.trueMs - RETENTION_DAYS * DAY_MS));
    assert.deepEqual(machine.lines, [
      "sink lake: deleted 1 files of 1 day (2026-01-27), which RETENTION_DAYS (7) does not keep; days from 2026-01-28 on are kept",
    ]);
    assert.equal(machine.deletedDays, 1);
    assert.equal(machine.reported, null);
    await machine.run(20 * DAY_MS);
    assert.equal(machine.days.size, RETENTION_DAYS + 1);
    assert.equal(machine.lines.length, 21);
  });

  it("deletes nothing because of a clock that is a month ahead for a minute, even across a restart", async () => {
    const machine = new Machine();
    await machine.run(HOUR_MS);
    const before = [...machine.days];
    for (const restarts of [false, true]) {
      machine.wrongMs = MONTH_MS;
      if (restarts) machine.start();
      for (let second = 0; second < 60; second++) {
        machine.trueMs += 1000;
        await machine.tick();
      }
      machine.trueMs += HOUR_MS;
      await machine.tick();
      machine.wrongMs = 0;
      await machine.run(HOUR_MS);
      assert.deepEqual([...machine.days], before);
    }
    assert.deepEqual(machine.lines, []);
  });

  it("deletes nothing because a machine starts with a clock that is a month ahead", async () => {
    const machine = new Machine();
    await machine.run(HOUR_MS);
    const before = [...machine.days];
    Object.assign(machine, { boot: "boot-2", bootedMs: machine.trueMs, wrongMs: MONTH_MS });
    machine.start();
    await machine.run(2 * HOUR_MS);
    assert.deepEqual([...machine.days], before);
    assert.match(machine.reported!, /retention counts from 2026-02-03, and the clock says 2026-03-05.*-- --force/);
  });

  it("counts from the append time of the brokers, if that is earlier", async () => {
    const machine = new Machine();
    machine.wrongMs = MONTH_MS;
    machine.brokerMs = () => machine.trueMs;
    await machine.run(HOUR_MS);
    assert.equal(machine.days.size, RETENTION_DAYS + 1);
    machine.brokerMs = () => machine.trueMs + MONTH_MS;
    machine.wrongMs = 0;
    machine.state = null;
    machine.start();
    await machine.run(HOUR_MS);
    assert.equal(machine.days.size, RETENTION_DAYS + 1);
    assert.deepEqual([machine.lines, machine.reported], [[], null]);
  });

  it("moves at most one day per day in which the machine runs", async () => {
    const machine = new Machine();
    await machine.run(HOUR_MS);
    machine.wrongMs = MONTH_MS;
    for (let day = 1; day <= 3; day++) {
      await machine.run(DAY_MS);
      assert.equal([...machine.days].sort()[0], dayOf(NOON_MS + (day - RETENTION_DAYS) * DAY_MS));
    }
  });

  it("refuses to delete more than two days in one run, until it is forced", async () => {
    const machine = new Machine(RETENTION_DAYS + 3);
    await machine.run(2 * HOUR_MS);
    assert.equal(machine.days.size, RETENTION_DAYS + 4);
    assert.equal(
      machine.reported,
      "sink lake: retention would delete 3 days (2026-01-24 to 2026-01-26) at once, and deletes at most 2 days in one run: nothing " +
        "was deleted. If RETENTION_DAYS (7) and the clock (2026-02-03) are right, run `npm run retention -- --force`",
    );
    // The command is another process, which has read no message.
    const server = machine.retention;
    const out: string[] = [];
    const terminal = { out: (text: string) => void out.push(text), err: (text: string) => void out.push(text) };
    const run = (args: string[]) => retentionCommand(args, async () => [machine.start()], terminal);
    assert.equal(await run([]), 0);
    assert.equal(out.splice(0)[0], `${machine.reported}\n`);
    assert.equal(machine.days.size, RETENTION_DAYS + 4);
    assert.equal(await run(["--force"]), 0);
    assert.deepEqual(out.splice(0), [
      "sink lake: deleted 3 files of 3 days (2026-01-24 to 2026-01-26), which RETENTION_DAYS (7) does not keep; days from " +
        "2026-01-27 on are kept\n",
    ]);
    assert.equal(machine.days.size, RETENTION_DAYS + 1);
    await assert.rejects(run(["--now"]), UsageError);
    machine.retention = server;
    await machine.run(HOUR_MS);
    assert.equal(machine.reported, null);
  });

  it("deletes two days at once, and what is stored later of days that were deleted before", async () => {
    const machine = new Machine(RETENTION_DAYS + 2);
    await machine.run(HOUR_MS);
    assert.equal(machine.days.size, RETENTION_DAYS + 1);
    for (const day of ["2026-01-02", "2026-01-04", "2026-01-06"]) machine.days.add(day);
    await machine.run(DAY_MS);
    assert.equal([...machine.days].sort()[0], "2026-01-28");
  });

  it("continues after a restart, and counts the time in which the program did not run but the machine did", async () => {
    const machine = new Machine();
    await machine.run(HOUR_MS);
    machine.trueMs += DAY_MS;
    machine.start();
    await machine.run(2 * MINUTE_MS);
    assert.equal([...machine.days].sort()[0], "2026-01-28");
    Object.assign(machine, {
      boot: "boot-2",
      bootedMs: machine.trueMs + 3 * DAY_MS,
      trueMs: machine.trueMs + 3 * DAY_MS,
    });
    machine.start();
    await machine.run(2 * MINUTE_MS);
    assert.equal([...machine.days].sort()[0], "2026-01-28");
    assert.match(machine.reported!, /program did not run for some days/);
  });
});
