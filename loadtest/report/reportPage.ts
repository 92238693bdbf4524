/** Owns the page of a report. */
export const reportPage = (result: unknown): string => JSON.stringify(result);
