/** The metrics of a process: the value of each series, and the type of each metric. */
export async function metricsOf(url: string): Promise<{
  readonly values: ReadonlyMap<string, number>;
  readonly types: ReadonlyMap<string, string>;
}> {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split("\n");
  const types = lines.filter((line) => line.startsWith("# TYPE ")).map((line) => line.split(" ").slice(2));
  const values = lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))] as const);
  return { values: new Map(values), types: new Map(types as [string, string][]) };
}
