/** The files of deploy/monitoring, and the metrics and labels that their PromQL names. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parser } from "@prometheus-io/lezer-promql";
import { parse } from "yaml";

const root = path.resolve(import.meta.dirname, "../../..");

export const FOLDER = path.join(root, "deploy/monitoring");
export const RUNBOOK = "docs/runbook.md";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
}

export function readRules(): Rule[] {
  const { groups } = parse(readFileSync(path.join(FOLDER, "alerts.yml"), "utf8"));
  return groups.flatMap(({ rules }: { rules: Rule[] }) => rules);
}

export function readDashboard(): Dashboard {
  return JSON.parse(readFileSync(path.join(FOLDER, "dashboard.json"), "utf8"));
}

export const readRunbook = (): string => readFileSync(path.join(root, RUNBOOK), "utf8");

interface Named {
  /** Each metric with the labels that its matchers name. */
  readonly metrics: ReadonlyMap<string, ReadonlySet<string>>;
  /** The labels in `by`, `on` and the like. */
  readonly grouping: ReadonlySet<string>;
}

/** Throws an error if `expr` is not PromQL. Grafana's variables are replaced first. */
export function namedIn(expr: string): Named {
  const text = expr.replaceAll("$__rate_interval", "5m");
  const metrics = new Map<string, Set<string>>();
  const grouping = new Set<string>();
  let latest = new Set<string>();
  parser.parse(text).iterate({
    enter({ name, from, to, node, type }) {
      if (type.isError) throw new Error(`not PromQL at ${from}: ${text}`);
      const word = text.slice(from, to);
      if (name === "Identifier" && node.parent?.name === "VectorSelector") {
        latest = metrics.get(word) ?? new Set();
        metrics.set(word, latest);
      }
      if (name === "LabelName") (node.parent?.name === "GroupingLabels" ? grouping : latest).add(word);
    },
  });
  return { metrics, grouping };
}
