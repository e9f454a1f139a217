// The tutorial with version 2 of the AWS SDK for JavaScript. @param argv[2] where the SDK is
const AWS = require(process.argv[2]);

const settings = { endpoint: process.env.AWS_ENDPOINT_URL, region: process.env.AWS_REGION, maxRetries: 0 };
const [ec2, ecs, elb, iam, ssm] = ['EC2', 'ECS', 'ELBv2', 'IAM', 'SSM'].map((name) => new AWS[name](settings));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const wait = (client, state, about) =>
  client.waitFor(state, { ...about, $waiter: { delay: 1, maxAttempts: 120 } }).promise();

/** Tries until it works, while the error is the one that passes by itself. */
async function again(passing, attempt) {
  for (let left = 60; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0 || !passing.test(String(error))) throw error;
      await pause(500);
    }
  }
}

async function main() {
  const { Vpcs } = await ec2.describeVpcs({ Filters: [{ Name: 'is-default', Values: ['true'] }] }).promise();
  const { Subnets } = await ec2.describeSubnets({ Filters: [{ Name: 'default-for-az', Values: ['true'] }] }).promise();
  const subnets = Subnets.map(({ SubnetId }) => SubnetId).slice(0, 2);
  const group = async (name) =>
    (await ec2.createSecurityGroup({ GroupName: name, Description: name }).promise()).GroupId;
  const [ecsGroup, elbGroup] = [await group('my-ecs-sg'), await group('my-elb-sg')];
  const open = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
  const inside = { IpProtocol: 'tcp', FromPort: 1, ToPort: 65535, UserIdGroupPairs: [{ GroupId: elbGroup }] };
  await ec2.authorizeSecurityGroupIngress({ GroupId: elbGroup, IpPermissions: [open] }).promise();
  await ec2.authorizeSecurityGroupIngress({ GroupId: ecsGroup, IpPermissions: [inside] }).promise();
  const RoleName = 'ecsInstanceRole';
  const about = { RoleName, InstanceProfileName: RoleName };
  const PolicyArn = 'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role';
  const trust = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  await iam.createRole({ RoleName, AssumeRolePolicyDocument }).promise();
  await iam.attachRolePolicy({ RoleName, PolicyArn }).promise();
  await iam.createInstanceProfile({ InstanceProfileName: RoleName }).promise();
  await iam.addRoleToInstanceProfile(about).promise();
  await wait(iam, 'instanceProfileExists', { InstanceProfileName: RoleName });
  const cluster = 'my-cluster';
  await ecs.createCluster({ clusterName: cluster }).promise();
  const Name = '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id';
  const image = (await ssm.getParameter({ Name }).promise()).Parameter.Value;
  const launch = {
    ImageId: image,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    SubnetId: subnets[0],
    SecurityGroupIds: [ecsGroup],
    IamInstanceProfile: { Name: RoleName },
    UserData: Buffer.from('#!/bin/bash\necho ECS_CLUSTER=my-cluster >> /etc/ecs/ecs.config\n').toString('base64'),
  };
  const { Instances } = await again(/Invalid IAM Instance Profile/, () => ec2.runInstances(launch).promise());
  const instances = { InstanceIds: [Instances[0].InstanceId] };
  await wait(ec2, 'instanceRunning', instances);
  const member = await again(/no agent yet/, async () => {
    const { containerInstanceArns } = await ecs.listContainerInstances({ cluster }).promise();
    if (containerInstanceArns.length === 0) throw new Error('no agent yet');
    return containerInstanceArns[0];
  });

  const container = {
    name: 'web',
    image: 'tongueroo/sinatra:latest',
    memoryReservation: 128,
    portMappings: [{ containerPort: 4567 }],
    command: ['ruby', 'hi.rb'],
  };
  await ecs.registerTaskDefinition({ family: 'sinatra-hi', containerDefinitions: [container] }).promise();
  const made = await elb.createLoadBalancer({ Name: 'my-elb', Subnets: subnets, SecurityGroups: [elbGroup] }).promise();
  const { LoadBalancerArn, DNSName } = made.LoadBalancers[0];
  const target = { Name: 'my-target-group', Protocol: 'HTTP', Port: 80, VpcId: Vpcs[0].VpcId };
  const { TargetGroupArn } = (await elb.createTargetGroup(target).promise()).TargetGroups[0];
  const DefaultActions = [{ Type: 'forward', TargetGroupArn }];
  await elb.createListener({ LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions }).promise();
  await wait(elb, 'loadBalancerAvailable', { LoadBalancerArns: [LoadBalancerArn] });
  const service = { cluster, service: 'my-service' };
  const services = { cluster, services: ['my-service'] };
  const loadBalancers = [{ targetGroupArn: TargetGroupArn, containerName: 'web', containerPort: 4567 }];
  const wanted = { cluster, serviceName: 'my-service', taskDefinition: 'sinatra-hi', desiredCount: 1, loadBalancers };
  await ecs.createService(wanted).promise();
  await wait(ecs, 'servicesStable', services);
  await wait(elb, 'targetInService', { TargetGroupArn });
  const answer = await (await fetch(`http://${DNSName}/`)).text();
  if (answer !== '42') throw new Error(`the answer is ${answer}`);
  await ecs.updateService({ ...service, desiredCount: 4 }).promise();
  await wait(ecs, 'servicesStable', services);

  await ecs.updateService({ ...service, desiredCount: 0 }).promise();
  await ecs.deleteService(service).promise();
  await elb.deleteLoadBalancer({ LoadBalancerArn }).promise();
  await wait(elb, 'loadBalancersDeleted', { LoadBalancerArns: [LoadBalancerArn] });
  await wait(ecs, 'servicesInactive', services);
  await elb.deleteTargetGroup({ TargetGroupArn }).promise();
  await ecs.deregisterContainerInstance({ cluster, containerInstance: member, force: true }).promise();
  await ec2.terminateInstances(instances).promise();
  await wait(ec2, 'instanceTerminated', instances);
  await ecs.deleteCluster({ cluster }).promise();
  await ec2.deleteSecurityGroup({ GroupId: ecsGroup }).promise();
  await again(/DependencyViolation/, () => ec2.deleteSecurityGroup({ GroupId: elbGroup }).promise());
  await iam.removeRoleFromInstanceProfile(about).promise();
  await iam.deleteInstanceProfile({ InstanceProfileName: RoleName }).promise();
  await iam.detachRolePolicy({ RoleName, PolicyArn }).promise();
  await iam.deleteRole({ RoleName }).promise();
}

main().catch((error) => {
  process.stderr.write(`${String(error.stack)}\n`);
  process.exitCode = 1;
});
