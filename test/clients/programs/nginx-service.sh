#!/usr/bin/env bash
# What AWS's own getting-started script for ECS on EC2 calls (aws-samples/sample-developer-tutorials, 018), in its order and
# with its parameters: a service without a load balancer, on an Amazon Linux 2 instance with a key pair. Its log group is
# made first, which that script leaves to the reader. Works on whatever the environment gives; prints what it found.
set -euo pipefail
export AWS_PAGER='' AWS_DEFAULT_OUTPUT=text
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
suffix=0badcafe
cluster=tutorial-cluster-$suffix family=nginx-task-$suffix service=nginx-service-$suffix
key=ecs-tutorial-key-$suffix group_name=ecs-tutorial-sg-$suffix role=ecsInstanceRole

aws sts get-caller-identity --query Account >/dev/null
vpc=$(aws ec2 describe-vpcs --filters Name=is-default,Values=true --query 'Vpcs[0].VpcId')
subnet=$(aws ec2 describe-subnets --filters "Name=vpc-id,Values=$vpc" Name=default-for-az,Values=true \
  --query 'Subnets[0].SubnetId')

aws ecs create-cluster --cluster-name "$cluster" --query cluster.clusterArn >/dev/null
aws ec2 create-key-pair --key-name "$key" --query KeyMaterial >"$dir/key.pem"
grep -q 'PRIVATE KEY' "$dir/key.pem"
group=$(aws ec2 create-security-group --group-name "$group_name" --description 'nginx for everybody' \
  --vpc-id "$vpc" --query GroupId)
aws ec2 authorize-security-group-ingress --group-id "$group" --protocol tcp --port 80 --cidr 0.0.0.0/0 >/dev/null
image=$(aws ssm get-parameters --names /aws/service/ecs/optimized-ami/amazon-linux-2/recommended \
  --query 'Parameters[0].Value' | python3 -c 'import json, sys; print(json.load(sys.stdin)["image_id"])')

if aws iam get-role --role-name "$role" >/dev/null 2>&1; then exit 1; fi
cat >"$dir/trust.json" <<'JSON'
{ "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" }] }
JSON
aws iam create-role --role-name "$role" --assume-role-policy-document "file://$dir/trust.json" >/dev/null
policy=arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role
aws iam attach-role-policy --role-name "$role" --policy-arn "$policy"
aws iam create-instance-profile --instance-profile-name "$role" >/dev/null
aws iam add-role-to-instance-profile --instance-profile-name "$role" --role-name "$role"
aws iam wait role-exists --role-name "$role"

printf '#!/bin/bash\necho ECS_CLUSTER=%s >> /etc/ecs/ecs.config\n' "$cluster" >"$dir/user-data.sh"
launch() {
  aws ec2 run-instances --image-id "$image" --instance-type t3.micro --key-name "$key" --security-group-ids "$group" \
    --subnet-id "$subnet" --iam-instance-profile "Name=$role" --user-data "file://$dir/user-data.sh" \
    --tag-specifications 'ResourceType=instance,Tags=[{Key=Name,Value=ecs-tutorial-instance}]' \
    --monitoring Enabled=false --metadata-options HttpTokens=required,HttpPutResponseHopLimit=1 \
    --query 'Instances[0].InstanceId'
}
# EC2 sees a new instance profile after some seconds.
instance=$(launch 2>/dev/null || { sleep 2; launch; })
aws ec2 wait instance-running --instance-ids "$instance"
for _ in $(seq 30); do
  member=$(aws ecs list-container-instances --cluster "$cluster" --query 'containerInstanceArns[0]')
  [ "$member" != None ] && break
  sleep 0.5
done

aws logs create-log-group --log-group-name /ecs/nginx-task
cat >"$dir/task-definition.json" <<JSON
{ "family": "$family", "networkMode": "bridge", "requiresCompatibilities": ["EC2"],
  "containerDefinitions": [{
    "name": "nginx", "image": "public.ecr.aws/docker/library/nginx:latest", "cpu": 256, "memory": 512, "essential": true,
    "portMappings": [{ "containerPort": 80, "hostPort": 80, "protocol": "tcp" }],
    "logConfiguration": { "logDriver": "awslogs", "options": {
      "awslogs-group": "/ecs/nginx-task", "awslogs-region": "$AWS_REGION", "awslogs-stream-prefix": "ecs" } } }] }
JSON
definition=$(aws ecs register-task-definition --cli-input-json "file://$dir/task-definition.json" \
  --query taskDefinition.taskDefinitionArn)
aws ecs create-service --cluster "$cluster" --service-name "$service" --task-definition "$family" --desired-count 1 \
  --query service.serviceArn >/dev/null
aws ecs wait services-stable --cluster "$cluster" --services "$service"
task=$(aws ecs list-tasks --cluster "$cluster" --service-name "$service" --query 'taskArns[0]')

# What it shows of them, as tables.
aws ecs list-services --cluster "$cluster" --output table >/dev/null
aws ecs describe-services --cluster "$cluster" --services "$service" --query 'services[0].[status,runningCount]'
aws ecs list-tasks --cluster "$cluster" --service-name "$service" --output table >/dev/null
aws ecs describe-tasks --cluster "$cluster" --tasks "$task" --query 'tasks[0].[lastStatus,desiredStatus]'
aws ecs list-container-instances --cluster "$cluster" --output table >/dev/null
aws ecs describe-container-instances --cluster "$cluster" --container-instances "$member" \
  --query 'containerInstances[0].[status,runningTasksCount]'
aws ec2 describe-instances --instance-ids "$instance" --query 'Reservations[0].Instances[0].PublicIpAddress' >"$dir/ip"
grep -qE '^[0-9.]+$' "$dir/ip"

# And away: the service at zero, its task once more by hand, the instance without deregistering it.
aws ecs update-service --cluster "$cluster" --service "$service" --desired-count 0 >/dev/null
aws ecs delete-service --cluster "$cluster" --service "$service" >/dev/null
aws ecs stop-task --cluster "$cluster" --task "$task" --reason 'cleaning up' >/dev/null
aws ecs wait tasks-stopped --cluster "$cluster" --tasks "$task"
aws ecs deregister-task-definition --task-definition "$definition" >/dev/null
aws ec2 terminate-instances --instance-ids "$instance" >/dev/null
aws ec2 wait instance-terminated --instance-ids "$instance"
for _ in 1 2 3; do
  aws ec2 delete-security-group --group-id "$group" >/dev/null && break
  sleep 2
done
aws ec2 delete-key-pair --key-name "$key" >/dev/null
aws ecs delete-cluster --cluster "$cluster" --query cluster.status
aws logs delete-log-group --log-group-name /ecs/nginx-task
aws iam remove-role-from-instance-profile --instance-profile-name "$role" --role-name "$role"
aws iam delete-instance-profile --instance-profile-name "$role"
aws iam detach-role-policy --role-name "$role" --policy-arn "$policy"
aws iam delete-role --role-name "$role"
