#!/bin/bash
# Names the cluster for the ECS agent, which reads this file when it starts.
# Starting or restarting ecs or docker here would dead-lock: their units wait for this script to end.
cat <<'CONFIG' >> /etc/ecs/ecs.config
ECS_CLUSTER={{cluster}}
ECS_CONTAINER_STOP_TIMEOUT=5s
CONFIG
