#!/bin/sh
# Gives the user of the server what it needs in Kafka, with Kafka's own kafka-acls.sh:
#   NAMESPACE=prod- PRINCIPAL=User:hypogeum BOOTSTRAP=kafka1.example.com:9092 sh kafka.sh
# NAMESPACE is that of the server. COMMAND_CONFIG: a file with the client settings of a user who may change ACLs.
# It may be run again. The user can neither delete topics or records, nor change the settings of topics, nor change ACLs.
set -eu
: "${NAMESPACE:?expected the NAMESPACE of the server}"
: "${PRINCIPAL:?expected the user of the server, such as User:hypogeum}"
: "${BOOTSTRAP:?expected host:port of a broker}"

allow() {
  kafka-acls.sh --bootstrap-server "$BOOTSTRAP" ${COMMAND_CONFIG:+--command-config "$COMMAND_CONFIG"} --add \
    --allow-principal "$PRINCIPAL" --resource-pattern-type prefixed "$@"
}

# Without Create, create the topics first, with npm run migrate as a user who may create them.
allow --operation Read --operation Write --operation Create --operation DescribeConfigs --topic "$NAMESPACE"
allow --operation Read --group "$NAMESPACE"
