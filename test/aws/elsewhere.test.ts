import { describe, expect, it } from 'vitest';
import { elsewhereOf } from '../../src/aws/elsewhere.ts';

describe('elsewhereOf', () => {
  it.each([
    'https://ecs.us-east-1.amazonaws.com',
    'https://ecs-fips.us-gov-west-1.amazonaws.com',
    'https://ec2.cn-north-1.amazonaws.com.cn',
    'https://ecs.us-east-1.api.aws',
    'https://ecs.eusc-de-east-1.amazonaws.eu',
    'https://vpce-1.ecs.us-east-1.vpce.amazonaws.com',
  ])('%s is AWS', (url) => {
    expect(elsewhereOf(new URL(url))).toBeUndefined();
  });

  it.each([
    ['http://127.0.0.1:5000/some/path', 'http://127.0.0.1:5000'],
    ['http://localhost.localstack.cloud:4566', 'http://localhost.localstack.cloud:4566'],
    ['https://amazonaws.com.example.org', 'https://amazonaws.com.example.org'],
    ['https://notamazonaws.com', 'https://notamazonaws.com'],
  ])('%s is elsewhere', (url, origin) => {
    expect(elsewhereOf(new URL(url))).toBe(origin);
  });
});
