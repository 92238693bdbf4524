#!/bin/sh
# Grants the server's user the ACLs that it needs in Kafka, with Kafka's own kafka-acls.sh:
#   NAMESPACE=prod- PRINCIPAL=User:hypogeum BOOTSTRAP=kafka1.example.com:9092 sh kafka.sh
# NAMESPACE is the NAMESPACE of the server. COMMAND_CONFIG (optional) is a file with the client settings of a user who may change ACLs.
# You can run this script again. The server's user can neither delete topics or records, nor change settings of topics or ACLs.
set -eu
: "${NAMESPACE:?expected the NAMESPACE of the server}"
: "${PRINCIPAL:?expected the user of the server, such as User:hypogeum}"
: "${BOOTSTRAP:?expected host:port of a broker}"

allow() {
  kafka-acls.sh --bootstrap-server "$BOOTSTRAP" ${COMMAND_CONFIG:+--command-config "$COMMAND_CONFIG"} --add \
    --allow-principal "$PRINCIPAL" --resource-pattern-type prefixed "$@"
}

# If you remove Create, first create the topics: run npm run migrate as a user who may create topics.
allow --operation Read --operation Write --operation Create --operation DescribeConfigs --topic "$NAMESPACE"
allow --operation Read --group "$NAMESPACE"
