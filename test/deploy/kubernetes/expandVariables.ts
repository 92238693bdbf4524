interface Variable {
  readonly name: string;
  /** Without a value, it is the name of the pod. */
  readonly value?: string;
}

/** As Kubernetes does: a variable is replaced only where it is defined earlier in the list. */
export function expandVariables(variables: readonly Variable[], pod: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const { name, value } of variables)
    values[name] = value === undefined ? pod : value.replace(/\$\((\w+)\)/g, (all, other) => values[other] ?? all);
  return values;
}
