/** The operator of the browser tests: starts a server that knows this operator, and reads the log of acts. */
import { PageServer } from "./PageServer.ts";

/** As Playwright's `httpCredentials` expects them. */
export const OPERATOR = { username: "op", password: "operator-password" };

export const startWithOperator = (): Promise<PageServer> =>
  PageServer.start({ ADMIN_USER: OPERATOR.username, ADMIN_PASSWORD: OPERATOR.password });

/** The acts that the server has recorded, newest first. */
export async function recordedActs({ port }: PageServer): Promise<{ room: string; detail: string; reason: string }[]> {
  const headers = { authorization: `Basic ${btoa(`${OPERATOR.username}:${OPERATOR.password}`)}` };
  const answer = await fetch(`http://127.0.0.1:${port}/admin/log`, { headers });
  return (await answer.json()).acts;
}
