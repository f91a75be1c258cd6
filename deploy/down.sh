#!/bin/sh
# deploy/down.sh "" docker-compose: takes the containers away. The volumes, too, when the first word is `delete`, or
# when the sandbox was there: what was only tried is nobody's data.
set -eu
data=$1
shift
volumes=$("$@" config --volumes)
project=$("$@" ps --quiet | head -1 | xargs -r docker inspect --format '{{index .Config.Labels "com.docker.compose.project"}}')
of_project="label=com.docker.compose.project=$project"
tried=$(docker volume ls --quiet --filter "$of_project" --filter label=com.docker.compose.volume=sandbox)
if [ "$data" = delete ] || { [ -n "$project" ] && [ -n "$tried" ]; }; then
  exec "$@" down --volumes --remove-orphans
fi
"$@" down --remove-orphans
echo "The data is kept in volumes ($(echo $volumes)); \`make up\` goes on with it, \`make down DATA=delete\` deletes it."
