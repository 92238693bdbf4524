/** The environment variables that point the program at a set of services. */
import { postgresUser } from "./native/postgres.ts";
import type { ServiceName } from "./serviceNames.ts";
import type { SetState } from "./state.ts";

export interface Environment {
  readonly KAFKA_BROKERS: string;
  /** Where the user `hypogeum` must sign in with this password. Only tests use it. */
  readonly KAFKA_USERS_BROKERS: string;
  readonly KAFKA_USERS_PASSWORD: string;
  readonly DATABASE_URL: string;
  readonly WAREHOUSE_URL: string;
  readonly REDIS_URL: string;
  readonly S3_BUCKET: string;
  readonly S3_ENDPOINT: string;
  readonly S3_FORCE_PATH_STYLE: "1";
  readonly AWS_ACCESS_KEY_ID: string;
  readonly AWS_SECRET_ACCESS_KEY: string;
  readonly AWS_REGION: string;
}

/** The variables of each service. */
export const variables: Readonly<Record<ServiceName, readonly (keyof Environment)[]>> = {
  kafka: ["KAFKA_BROKERS"],
  postgres: ["DATABASE_URL", "WAREHOUSE_URL"],
  redis: ["REDIS_URL"],
  s3: ["S3_BUCKET", "S3_ENDPOINT", "S3_FORCE_PATH_STYLE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"],
};

/** The warehouse gets its own database, as it would have its own server in production. */
export function environment(state: SetState): Environment {
  const { ports } = state;
  const server = `postgres://${postgresUser}:${state.postgresPassword}@127.0.0.1:${ports.postgres}`;
  return {
    KAFKA_BROKERS: `127.0.0.1:${ports.kafka}`,
    KAFKA_USERS_BROKERS: `127.0.0.1:${ports.kafkaUsers}`,
    KAFKA_USERS_PASSWORD: state.kafkaPassword,
    DATABASE_URL: `${server}/hypogeum`,
    WAREHOUSE_URL: `${server}/hypogeum_warehouse`,
    REDIS_URL: `redis://127.0.0.1:${ports.redis}`,
    S3_BUCKET: "hypogeum",
    S3_ENDPOINT: `http://127.0.0.1:${ports.s3}`,
    S3_FORCE_PATH_STYLE: "1",
    AWS_ACCESS_KEY_ID: state.s3AccessKeyId,
    AWS_SECRET_ACCESS_KEY: state.s3SecretAccessKey,
    AWS_REGION: "us-east-1",
  };
}

/** The URL of another database, on the same server and for the same user. */
export function postgresUrl(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}
