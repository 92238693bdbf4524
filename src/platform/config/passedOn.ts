/** Settings that other parts parse and check themselves, from the environment in which flags have replaced variables. */
export const passedOn: readonly (readonly [variable: string, about: string])[] = [
  [
    "KAFKA_BROKERS",
    "Kafka brokers, comma-separated host:port (IPv6 addresses in brackets); if not set, the sinks read the outbox directly and Kafka is not used",
  ],
  ["KAFKA_CLIENT", "library that connects to the brokers: kafkajs (default) or platformatic"],
  ["KAFKA_SSL", "1 to connect to the brokers with TLS"],
  ["KAFKA_SSL_CA", "file with the CA certificate of the brokers"],
  ["KAFKA_SSL_CERT", "file with the certificate of this client, if the brokers require one; requires KAFKA_SSL_KEY"],
  ["KAFKA_SSL_KEY", "file with the unencrypted private key of KAFKA_SSL_CERT"],
  ["KAFKA_SASL_MECHANISM", "plain, scram-sha-256, scram-sha-512 or oauthbearer"],
  ["KAFKA_SASL_USERNAME", "user name for the brokers; with oauthbearer, the client id"],
  ["KAFKA_SASL_PASSWORD", "password for the brokers; with oauthbearer, the client secret; never logged"],
  [
    "KAFKA_OAUTH_TOKEN_URL",
    "with oauthbearer, the URL of the identity provider's token endpoint (OAuth 2 client credentials grant)",
  ],
  ["KAFKA_OAUTH_SCOPE", "with oauthbearer, the scope to request; none if not set"],
  ["KAFKA_PARTITIONS", "number of partitions of the busiest topics when they are created (8)"],
  [
    "KAFKA_REPLICATION",
    "replication factor of topics when they are created; 0 for three, or fewer if there are fewer brokers",
  ],
  ["KAFKA_RETENTION_HOURS", "retention of topics in hours (168)"],
  ["KAFKA_COMPRESSION", "compression of messages: zstd (default), gzip or none"],
  [
    "KAFKA_SESSION_TIMEOUT_MS",
    "session timeout of consumers in ms; a consumer that is silent for longer loses its partitions (30000)",
  ],
  ["S3_BUCKET", "S3 bucket of the lake; a directory in DATA_DIR if not set"],
  [
    "S3_ENDPOINT",
    "URL of an S3-compatible server, including the path in front of the bucket's name if there is one; AWS if not set",
  ],
  ["S3_FORCE_PATH_STYLE", "1 to put the bucket name into the path of URLs instead of the host name"],
  [
    "S3_SSE",
    "server-side encryption to request for each file, if the bucket requires it: AES256 or aws:kms; the bucket's default if not set",
  ],
  ["S3_SSE_KMS_KEY_ID", "id, ARN or alias of the key for S3_SSE=aws:kms; the bucket's default key if not set"],
  [
    "S3_CHECKSUMS",
    "when_supported (default): each file is sent with a checksum of the AWS SDK; when_required: no checksums, for a server that does not support them",
  ],
];
