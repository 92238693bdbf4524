/**
 * The lines of `/readyz`, counted by what they are about, so that alerts need not read texts. Every series is present from the
 * start, with 0.
 */
import { Gauge, type Registry } from "prom-client";
import { within } from "../../platform/async/waiting.ts";
import { type Role, type Setting, settings } from "../../platform/config/settings.ts";
import type { Condition, Health } from "../../platform/health/Health.ts";
import { readinessOf } from "../../platform/health/readiness.ts";

/** Reading the lines can take longer than a scrape if a database does not respond. Then the previous lines are counted. */
const WITHIN_MS = 1000;

const variables = (Object.values(settings) as Setting[]).map(({ variable }) => variable);

/**
 * A line names the variable to check before others, so the first of these names in a line says what the line is about. Of two that
 * begin at the same place, the first one here counts.
 */
const NAMES = {
  stopping: /\bprocess is stopping\b/,
  database: /\bDATABASE_URL\b|\boperational database\b/,
  warehouse: /\bWAREHOUSE_URL\b/,
  redis: /\bREDIS_URL\b/,
  kafka: /\bKAFKA_[A-Z_]+\b/,
  rejected: /\brejected more than\b/,
  unpublished: /\bare not published\b/,
  topics: /\btopics?\b/,
  s3: /\b(S3|AWS)_[A-Z_0-9]+\b/,
  outbox: /\boutbox(es)?\b/i,
  data_dir: /\bDATA_DIR\b/,
  jwt_secret: /\bJWT_SECRET\b/,
  other: new RegExp(`\\b(${variables.join("|")})\\b`),
} as const;

type About = keyof typeof NAMES;

export const ABOUT = Object.keys(NAMES) as readonly About[];

export function aboutOf(line: string): About {
  let about: About = "other";
  let first = Number.POSITIVE_INFINITY;
  for (const [name, pattern] of Object.entries(NAMES)) {
    const at = line.search(pattern);
    if (at < 0 || at >= first) continue;
    about = name as About;
    first = at;
  }
  return about;
}

/** `roles` of this process decide which lines are problems. */
export function addConditionMetrics(
  registry: Registry,
  health: Pick<Health, "conditions" | "standing">,
  roles: readonly Role[],
): void {
  let latest: readonly Condition[] | null = null;
  let reading: Promise<void> | null = null;
  const read = async (): Promise<void> => {
    try {
      latest = await health.conditions();
    } finally {
      reading = null;
    }
  };
  new Gauge({
    name: "hypogeum_conditions",
    help: "lines of /readyz: problems keep players from joining, or the process from performing its only role",
    labelNames: ["about", "severity"],
    registers: [registry],
    async collect() {
      reading ??= read();
      await within(WITHIN_MS, reading, "late").catch(() => {});
      const { problems, warnings } = readinessOf(latest ?? health.standing(), roles);
      for (const [severity, lines] of Object.entries({ problem: problems, warning: warnings })) {
        for (const about of ABOUT)
          this.set({ about, severity }, lines.filter((line) => aboutOf(line) === about).length);
      }
    },
  });
}
