/** The time of now for a span, Unix ms. Collectors compare the times of several processes, so it is the wall clock. */
export const spanTime = (): number => Date.now();
