/**
 * Keeps the views of the warehouse as this build declares them. If a view cannot be changed, it stays as it is. This is reported and
 * tried again, and never keeps the sink from storing facts.
 */
import { isUnavailable } from "../../../platform/sql/DatabaseUnavailable.ts";
import type { Sql } from "../../../platform/sql/Sql.ts";
import { toLine } from "../../log/toLine.ts";
import { type ExistingColumns, readColumns } from "./ensureTables.ts";
import { SCHEMA } from "./Table.ts";
import { updateView } from "./updateView.ts";
import { type View, views } from "./views.ts";

export interface ViewUpdateOptions {
  /** Called with a log line. */
  readonly warn: (line: string) => void;
  /** Called with a log line that says how a view was changed. */
  readonly inform?: (line: string) => void;
  /** Called with a line while the view cannot be updated, and with null when it is up to date. Default: `warn`. */
  readonly reportView?: (view: string, line: string | null) => void;
}

export class ViewUpdates {
  readonly #sql: Sql;
  readonly #options: ViewUpdateOptions;
  /** Null before the first run. */
  #outdated: readonly View[] | null = null;

  constructor(sql: Sql, options: ViewUpdateOptions) {
    this.#sql = sql;
    this.#options = options;
  }

  /**
   * The first call updates all views, later calls those that could not be updated. So two processes with different builds do not
   * change the views in turn. Rejects only if the database is unavailable.
   */
  async run(): Promise<void> {
    this.#outdated ??= await this.#declared();
    for (const view of this.#outdated) {
      if (await this.#update(view)) this.#outdated = this.#outdated.filter((other) => other !== view);
    }
  }

  async #declared(): Promise<View[]> {
    const columns = await readColumns(this.#sql);
    return views.filter((view) => hasNeededColumns(view, columns));
  }

  /** Resolves to whether the view is up to date. */
  async #update(view: View): Promise<boolean> {
    const { inform = () => {} } = this.#options;
    try {
      const change = await updateView(this.#sql, view);
      if (change !== null) inform(`sink warehouse: ${change}`);
      this.#report(view, null);
      return true;
    } catch (error) {
      if (isUnavailable(error) && error.fault !== "denied" && error.fault !== "schema") throw error;
      this.#report(view, `view ${SCHEMA}.${view.name} is not up to date: ${toLine(error)}`);
      return false;
    }
  }

  #report({ name }: View, line: string | null): void {
    const { warn, reportView } = this.#options;
    if (reportView !== undefined) reportView(name, line);
    else if (line !== null) warn(`sink warehouse: ${line}`);
  }
}

function hasNeededColumns({ needs }: View, columns: ExistingColumns): boolean {
  return Object.entries(needs).every(([table, names]) => names.every((name) => columns.get(table)?.has(name)));
}
