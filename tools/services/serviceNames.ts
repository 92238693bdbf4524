/** The services that this folder starts. */
export const serviceNames = ["kafka", "postgres", "redis", "s3"] as const;
export type ServiceName = (typeof serviceNames)[number];

export function isServiceName(text: string): text is ServiceName {
  return (serviceNames as readonly string[]).includes(text);
}
