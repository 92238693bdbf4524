/** What kind of device and program a client runs on, as coarse as statistics need it. */
export const platforms = ["web-desktop", "web-mobile", "other"] as const;

export type Platform = (typeof platforms)[number];

/** @param userAgent the HTTP header of the client's request. Every browser's begins with `Mozilla/`. */
export function platformOf(userAgent: string | undefined): Platform {
  if (!userAgent?.startsWith("Mozilla/")) return "other";
  return /Mobi|Android|iPhone|iPad/.test(userAgent) ? "web-mobile" : "web-desktop";
}
