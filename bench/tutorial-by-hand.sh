#!/usr/bin/env bash
# The tutorial as a person does it with the AWS CLI: its commands, and the CLI's own waiters where one must wait.
# Works on whatever endpoint and credentials the environment gives. Prints "phase seconds" for each phase, nothing else.
set -euo pipefail
export AWS_PAGER=""
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

started=$(date +%s%N)
phase() {
  local now
  now=$(date +%s%N)
  echo "$1 $(((now - started) / 1000000))"
  started=$now
}
quietly() { "$@" >/dev/null; }

# Steps 1 to 5: security group, role, cluster and its container instance …
sg=$(aws ec2 create-security-group --group-name my-ecs-sg --description my-ecs-sg --query GroupId --output text)
cat >"$scratch/trust.json" <<'JSON'
{ "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" }] }
JSON
quietly aws iam create-role --role-name ecsInstanceRole --assume-role-policy-document "file://$scratch/trust.json"
policy=arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role
aws iam attach-role-policy --role-name ecsInstanceRole --policy-arn "$policy"
quietly aws iam create-instance-profile --instance-profile-name ecsInstanceRole
aws iam add-role-to-instance-profile --instance-profile-name ecsInstanceRole --role-name ecsInstanceRole
aws iam wait instance-profile-exists --instance-profile-name ecsInstanceRole
quietly aws ecs create-cluster --cluster-name my-cluster
ami=$(aws ssm get-parameter --name /aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id \
  --query Parameter.Value --output text)
# us-east-1e does not offer t3.micro.
read -r -a subnets < <(aws ec2 describe-subnets --filters Name=default-for-az,Values=true \
  --query 'Subnets[?AvailabilityZone!=`us-east-1e`].SubnetId | [:2]' --output text)
printf '#!/bin/bash\necho ECS_CLUSTER=my-cluster >> /etc/ecs/ecs.config\n' >"$scratch/user-data.sh"
# EC2 does not know a new instance profile at once: a person tries again.
for _ in $(seq 30); do
  instance=$(aws ec2 run-instances --image-id "$ami" --instance-type t3.micro \
    --iam-instance-profile Name=ecsInstanceRole --security-group-ids "$sg" --subnet-id "${subnets[0]}" \
    --user-data "file://$scratch/user-data.sh" --query 'Instances[0].InstanceId' --output text 2>/dev/null) && break
  sleep 1
done
aws ec2 wait instance-running --instance-ids "$instance"
# The CLI has no waiter for the agent's registration.
for _ in $(seq 120); do
  members=$(aws ecs list-container-instances --cluster my-cluster --query 'length(containerInstanceArns)' --output text)
  [ "$members" = 1 ] && break
  sleep 1
done
# … the task definition …
cat >"$scratch/task-definition.json" <<'JSON'
{ "family": "sinatra-hi",
  "containerDefinitions": [{ "name": "web", "image": "tongueroo/sinatra:latest", "cpu": 128, "memoryReservation": 128,
    "portMappings": [{ "containerPort": 4567, "protocol": "tcp" }], "command": ["ruby", "hi.rb"], "essential": true }] }
JSON
quietly aws ecs register-task-definition --cli-input-json "file://$scratch/task-definition.json"
# … the load balancer …
elb_sg=$(aws ec2 create-security-group --group-name my-elb-sg --description my-elb-sg --query GroupId --output text)
quietly aws ec2 authorize-security-group-ingress --group-id "$elb_sg" --protocol tcp --port 80 --cidr 0.0.0.0/0
balancer=$(aws elbv2 create-load-balancer --name my-elb --subnets "${subnets[@]}" --security-groups "$elb_sg" \
  --query 'LoadBalancers[0].LoadBalancerArn' --output text)
vpc=$(aws ec2 describe-vpcs --filters Name=is-default,Values=true --query 'Vpcs[0].VpcId' --output text)
group=$(aws elbv2 create-target-group --name my-target-group --protocol HTTP --port 80 --vpc-id "$vpc" \
  --query 'TargetGroups[0].TargetGroupArn' --output text)
quietly aws elbv2 create-listener --load-balancer-arn "$balancer" --protocol HTTP --port 80 \
  --default-actions "Type=forward,TargetGroupArn=$group"
quietly aws ec2 authorize-security-group-ingress --group-id "$sg" --protocol tcp --port 1-65535 --source-group "$elb_sg"
aws elbv2 wait load-balancer-available --load-balancer-arns "$balancer"
# … the service, and the look at it.
quietly aws ecs create-service --cluster my-cluster --service-name my-service --task-definition sinatra-hi \
  --desired-count 1 --load-balancers "targetGroupArn=$group,containerName=web,containerPort=4567"
aws ecs wait services-stable --cluster my-cluster --services my-service
aws elbv2 wait target-in-service --target-group-arn "$group"
name=$(aws elbv2 describe-load-balancers --names my-elb --query 'LoadBalancers[0].DNSName' --output text)
[ "$(curl -s "http://$name/")" = 42 ]
phase up

# Step 6: four tasks.
quietly aws ecs update-service --cluster my-cluster --service my-service --desired-count 4
aws ecs wait services-stable --cluster my-cluster --services my-service
aws elbv2 wait target-in-service --target-group-arn "$group"
phase scale

# Step 7: the clean-up.
quietly aws ecs update-service --cluster my-cluster --service my-service --desired-count 0
quietly aws ecs delete-service --cluster my-cluster --service my-service
aws elbv2 delete-load-balancer --load-balancer-arn "$balancer"
aws elbv2 wait load-balancers-deleted --load-balancer-arns "$balancer"
aws ecs wait services-inactive --cluster my-cluster --services my-service
aws elbv2 delete-target-group --target-group-arn "$group"
quietly aws ecs deregister-task-definition --task-definition sinatra-hi:1
member=$(aws ecs list-container-instances --cluster my-cluster --query 'containerInstanceArns[0]' --output text)
quietly aws ecs deregister-container-instance --cluster my-cluster --container-instance "$member" --force
quietly aws ec2 terminate-instances --instance-ids "$instance"
aws ec2 wait instance-terminated --instance-ids "$instance"
quietly aws ecs delete-cluster --cluster my-cluster
quietly aws ec2 delete-security-group --group-id "$sg"
# The load balancer's network interfaces hold its group for a while.
for _ in $(seq 60); do aws ec2 delete-security-group --group-id "$elb_sg" >/dev/null 2>&1 && break || sleep 1; done
aws iam remove-role-from-instance-profile --instance-profile-name ecsInstanceRole --role-name ecsInstanceRole
aws iam delete-instance-profile --instance-profile-name ecsInstanceRole
aws iam detach-role-policy --role-name ecsInstanceRole --policy-arn "$policy"
aws iam delete-role --role-name ecsInstanceRole
phase destroy
