/** The values of `KAFKA_CLIENT`. */
export const KAFKA_CLIENTS = ["kafkajs", "platformatic"] as const;
