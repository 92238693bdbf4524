import pg from "pg";

/** Runs statements one by one, each outside a transaction. */
export async function asAdmin(url: string, ...statements: readonly (readonly [text: string, ...values: unknown[]])[]) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const [text, ...values] of statements) await client.query(text, values);
  } finally {
    await client.end();
  }
}
