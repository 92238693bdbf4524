/** The current time for a span, Unix ms. Uses the wall clock, because collectors compare the times of several processes. */
export const spanTime = (): number => Date.now();
