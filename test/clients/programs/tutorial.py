"""The tutorial with boto3: its waiters wherever one waits, its paginators on everything that is read.

Works on whatever endpoint and credentials the environment gives. Prints how many of each it used.
With the argument "awsvpc" each task has a network interface of its own, in a target group of type ip.
"""
import json
import sys
import time
import urllib.request

import boto3
from botocore.config import Config

config = Config(retries={"total_max_attempts": 1})
ec2, ecs, elb, iam, ssm, sts = (
    boto3.client(name, config=config) for name in ("ec2", "ecs", "elbv2", "iam", "ssm", "sts")
)
waited, paged = set(), set()
awsvpc = sys.argv[1:] == ["awsvpc"]
# An m5.xlarge has three network interfaces beside its own.
most = 3 if awsvpc else 4


def wait(client, name, **about):
    client.get_waiter(name).wait(WaiterConfig={"Delay": 1, "MaxAttempts": 120}, **about)
    waited.add(name)


def pages(client, name, **about):
    found = list(client.get_paginator(name).paginate(**about))
    paged.add(name)
    return found


account = sts.get_caller_identity()["Account"]
vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
wait(ec2, "vpc_exists", VpcIds=[vpc])
wait(ec2, "vpc_available", VpcIds=[vpc])
subnets = [
    subnet["SubnetId"]
    for subnet in pages(ec2, "describe_subnets", Filters=[{"Name": "default-for-az", "Values": ["true"]}])[0]["Subnets"]
    if not subnet["AvailabilityZone"].endswith("e")
][:2]
wait(ec2, "subnet_available", SubnetIds=subnets)

# Steps 1 to 3: groups, role, cluster and its container instance.
ecs_group = ec2.create_security_group(GroupName="my-ecs-sg", Description="my-ecs-sg")["GroupId"]
elb_group = ec2.create_security_group(GroupName="my-elb-sg", Description="my-elb-sg")["GroupId"]
wait(ec2, "security_group_exists", GroupIds=[ecs_group, elb_group])
anywhere = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
inside = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 65535, "UserIdGroupPairs": [{"GroupId": elb_group}]}
ec2.authorize_security_group_ingress(GroupId=elb_group, IpPermissions=[anywhere])
ec2.authorize_security_group_ingress(GroupId=ecs_group, IpPermissions=[inside])
trust = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
role = "ecsInstanceRole"
policy = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"
iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))
wait(iam, "role_exists", RoleName=role)
wait(iam, "policy_exists", PolicyArn=policy)
iam.attach_role_policy(RoleName=role, PolicyArn=policy)
iam.create_instance_profile(InstanceProfileName=role)
iam.add_role_to_instance_profile(InstanceProfileName=role, RoleName=role)
wait(iam, "instance_profile_exists", InstanceProfileName=role)
ecs.create_cluster(clusterName="my-cluster")
image = ssm.get_parameter(Name="/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id")
image = image["Parameter"]["Value"]
wait(ec2, "image_exists", ImageIds=[image])
wait(ec2, "image_available", ImageIds=[image])
launch = {
    "ImageId": image,
    "InstanceType": "m5.xlarge" if awsvpc else "t3.micro",
    "MinCount": 1,
    "MaxCount": 1,
    "SubnetId": subnets[0],
    "SecurityGroupIds": [ecs_group],
    "IamInstanceProfile": {"Name": role},
    "UserData": "#!/bin/bash\necho ECS_CLUSTER=my-cluster >> /etc/ecs/ecs.config\n",
}
for _ in range(30):
    try:
        instance = ec2.run_instances(**launch)["Instances"][0]["InstanceId"]
        break
    except ec2.exceptions.ClientError as error:
        if "Invalid IAM Instance Profile" not in str(error):
            raise
        time.sleep(1)
wait(ec2, "instance_exists", InstanceIds=[instance])
wait(ec2, "instance_running", InstanceIds=[instance])
wait(ec2, "instance_status_ok", InstanceIds=[instance])
wait(ec2, "system_status_ok", InstanceIds=[instance])
for _ in range(120):
    members = pages(ecs, "list_container_instances", cluster="my-cluster")[0]["containerInstanceArns"]
    if members:
        break
    time.sleep(0.5)

# Steps 4 and 5: task definition, load balancer, service.
container = {
    "name": "web",
    "image": "tongueroo/sinatra:latest",
    "cpu": 128,
    "memoryReservation": 128,
    "portMappings": [{"containerPort": 4567, "protocol": "tcp"}],
    "command": ["ruby", "hi.rb"],
    "essential": True,
}
ecs.register_task_definition(
    family="sinatra-hi", networkMode="awsvpc" if awsvpc else "bridge", containerDefinitions=[container]
)
balancer = elb.create_load_balancer(Name="my-elb", Subnets=subnets, SecurityGroups=[elb_group])["LoadBalancers"][0]
target_type = "ip" if awsvpc else "instance"
target_group = elb.create_target_group(
    Name="my-target-group", Protocol="HTTP", Port=80, VpcId=vpc, TargetType=target_type
)
target_group = target_group["TargetGroups"][0]["TargetGroupArn"]
forward = [{"Type": "forward", "TargetGroupArn": target_group}]
arn = balancer["LoadBalancerArn"]
listener = elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=forward)
listener = listener["Listeners"][0]["ListenerArn"]
wait(elb, "load_balancer_exists", LoadBalancerArns=[arn])
wait(elb, "load_balancer_available", LoadBalancerArns=[arn])
network = {"awsvpcConfiguration": {"subnets": subnets, "securityGroups": [ecs_group]}}
ecs.create_service(
    **({"networkConfiguration": network} if awsvpc else {}),
    cluster="my-cluster",
    serviceName="my-service",
    taskDefinition="sinatra-hi",
    desiredCount=1,
    loadBalancers=[{"targetGroupArn": target_group, "containerName": "web", "containerPort": 4567}],
)
service = {"cluster": "my-cluster", "services": ["my-service"]}
wait(ecs, "services_stable", **service)
wait(elb, "target_in_service", TargetGroupArn=target_group)
answer = urllib.request.urlopen(f"http://{balancer['DNSName']}/").read()
assert answer == b"42", answer

# Step 6, and all that can be read in pages.
ecs.update_service(cluster="my-cluster", service="my-service", desiredCount=most)
wait(ecs, "services_stable", **service)
tasks = [task for page in pages(ecs, "list_tasks", cluster="my-cluster") for task in page["taskArns"]]
assert len(tasks) == most, tasks
wait(ecs, "tasks_running", cluster="my-cluster", tasks=tasks)
if awsvpc:
    for task in ecs.describe_tasks(cluster="my-cluster", tasks=tasks)["tasks"]:
        details = {detail["name"]: detail["value"] for detail in task["attachments"][0]["details"]}
        found = ec2.describe_network_interfaces(NetworkInterfaceIds=[details["networkInterfaceId"]])
        own = found["NetworkInterfaces"][0]
        assert own["PrivateIpAddress"] == details["privateIPv4Address"], own
        assert own["Attachment"]["InstanceId"] == instance, own
        assert [group["GroupId"] for group in own["Groups"]] == [ecs_group], own
for client, names in {
    ec2: "describe_instances describe_instance_status describe_volumes describe_security_groups describe_tags"
    " describe_security_group_rules describe_network_interfaces describe_vpcs describe_images describe_route_tables"
    " describe_internet_gateways describe_instance_types describe_instance_type_offerings"
    " describe_iam_instance_profile_associations describe_instance_credit_specifications",
    ecs: "list_clusters list_task_definitions list_task_definition_families",
    elb: "describe_load_balancers describe_target_groups describe_account_limits describe_ssl_policies",
    iam: "list_roles list_instance_profiles list_policies list_account_aliases",
    ssm: "describe_instance_information list_commands",
}.items():
    for name in names.split():
        pages(client, name)
pages(ecs, "list_services", cluster="my-cluster")
pages(elb, "describe_listeners", LoadBalancerArn=arn)
pages(elb, "describe_rules", ListenerArn=listener)
pages(elb, "describe_listener_certificates", ListenerArn=listener)
pages(iam, "list_attached_role_policies", RoleName=role)
pages(iam, "list_role_policies", RoleName=role)
pages(iam, "list_role_tags", RoleName=role)
pages(iam, "list_instance_profiles_for_role", RoleName=role)
pages(ssm, "get_parameters_by_path", Path="/aws/service/ecs/optimized-ami/amazon-linux-2023", Recursive=True)

# Step 7.
ecs.update_service(cluster="my-cluster", service="my-service", desiredCount=0)
ecs.delete_service(cluster="my-cluster", service="my-service")
wait(ecs, "tasks_stopped", cluster="my-cluster", tasks=tasks)
elb.delete_load_balancer(LoadBalancerArn=arn)
wait(elb, "load_balancers_deleted", LoadBalancerArns=[arn])
wait(ecs, "services_inactive", **service)
elb.delete_target_group(TargetGroupArn=target_group)
ecs.deregister_task_definition(taskDefinition="sinatra-hi:1")
ecs.deregister_container_instance(cluster="my-cluster", containerInstance=members[0], force=True)
ec2.terminate_instances(InstanceIds=[instance])
wait(ec2, "instance_terminated", InstanceIds=[instance])
ecs.delete_cluster(cluster="my-cluster")
ec2.delete_security_group(GroupId=ecs_group)
for _ in range(120):
    try:
        ec2.delete_security_group(GroupId=elb_group)
        break
    except ec2.exceptions.ClientError as error:
        if "DependencyViolation" not in str(error):
            raise
        time.sleep(0.5)
iam.remove_role_from_instance_profile(InstanceProfileName=role, RoleName=role)
iam.delete_instance_profile(InstanceProfileName=role)
iam.detach_role_policy(RoleName=role, PolicyArn=policy)
iam.delete_role(RoleName=role)
print(json.dumps({"waiters": len(waited), "paginators": len(paged), "account": account}))
