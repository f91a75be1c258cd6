#!/bin/bash
# As the official image begins; the broker itself reads RABBITMQ_DEFAULT_USER, _PASS and _VHOST.
set -eu
chown -R rabbitmq:rabbitmq /var/lib/rabbitmq
exec setpriv --reuid rabbitmq --regid rabbitmq --init-groups /usr/lib/rabbitmq/bin/rabbitmq-server
