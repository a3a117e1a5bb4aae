#!/bin/sh
# Makes the topics of deploy/topics.yaml where only Kafka's own image is at hand; safe to repeat.
set -eu
for owner in quotes consent retention billing; do
	/opt/kafka/bin/kafka-topics.sh --bootstrap-server "$1" --create --if-not-exists \
		--topic "$owner.events" --partitions 4 --replication-factor 1 \
		--config retention.ms=-1 --config retention.bytes=-1 --config cleanup.policy=delete \
		--config compression.type=producer --config message.timestamp.type=CreateTime
done
