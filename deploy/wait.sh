#!/bin/sh
# deploy/wait.sh docker-compose: until the portal answers at its door, and says where that is.
set -eu
for _ in $(seq 120); do
  if "$@" exec -T gateway python3 -ISs /opt/motcua/healthy.py >/dev/null 2>&1; then
    url=$("$@" exec -T gateway printenv PUBLIC_URL)
    echo "ready: $url"
    exit 0
  fi
  sleep 1
done
"$@" ps
echo "The portal does not answer. '$* logs' may say why." >&2
exit 1
