const HOST = String.raw`(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?`;

/**
 * A REDIS_URL that names Sentinels: `redis+sentinel://USER:PASSWORD@HOST:PORT,HOST:PORT/NAME/DB`, with `rediss` for TLS. User,
 * password, ports, further hosts and number of the database are optional. User and password are those of Redis; the parameters
 * `sentinelUsername` and `sentinelPassword` those of the Sentinels.
 */
export const SENTINEL_URL = new RegExp(
  String.raw`^redis(?<tls>s?)\+sentinel://(?:(?<user>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?(?<hosts>${HOST}(?:,${HOST})*)/(?<name>[A-Za-z0-9._-]+)(?:/(?<db>\d{1,5}))?(?:\?(?<query>[^#]*))?$`,
);
