// The services of AWS that the sandbox offers. A new one is its folder and its line here; schedules run in this order.
import { ec2 } from './ec2/service.ts';
import { ecs } from './ecs/service.ts';
import { elbv2 } from './elbv2/service.ts';
import { iam } from './iam/service.ts';
import { logs } from './logs/service.ts';
import type { Service } from './service.ts';
import { ssm } from './ssm/service.ts';
import { sts } from './sts/service.ts';

export const services: readonly Service[] = [ec2, ecs, elbv2, iam, logs, ssm, sts];
