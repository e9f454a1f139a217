// CloudWatch Logs as a service of the sandbox.
import * as sdk from '@aws-sdk/client-cloudwatch-logs';
import { AwsError } from '../aws-error.ts';
import { operationsOf } from '../operation.ts';
import { whole, type Service } from '../service.ts';
import { missingMember } from './checks.ts';
import {
  CreateLogGroup,
  DeleteLogGroup,
  DeleteRetentionPolicy,
  DescribeLogGroups,
  PutLogGroupDeletionProtection,
  PutRetentionPolicy,
} from './groups.ts';
import { maxBatchBytes, PutLogEvents } from './put-events.ts';
import { FilterLogEvents, GetLogEvents } from './read-events.ts';
import { CreateLogStream, DeleteLogStream, DescribeLogStreams } from './streams.ts';
import {
  ListTagsForResource,
  ListTagsLogGroup,
  TagLogGroup,
  TagResource,
  UntagLogGroup,
  UntagResource,
} from './tags.ts';

export const logs: Service = {
  id: 'logs',
  protocol: 'json',
  version: '2014-03-28',
  target: 'Logs_20140328',
  // A batch of 1 MiB as JSON: \u00e9 is six bytes for two, and every event has a timestamp and names.
  maxBodyBytes: 4 * maxBatchBytes,
  operations: operationsOf([
    [sdk.CreateLogGroup$, CreateLogGroup],
    [sdk.CreateLogStream$, CreateLogStream],
    [sdk.DeleteLogGroup$, DeleteLogGroup],
    [sdk.DeleteLogStream$, DeleteLogStream],
    [sdk.DeleteRetentionPolicy$, DeleteRetentionPolicy],
    [sdk.DescribeLogGroups$, DescribeLogGroups],
    [sdk.DescribeLogStreams$, DescribeLogStreams],
    [sdk.FilterLogEvents$, FilterLogEvents, 'reads'],
    [sdk.GetLogEvents$, GetLogEvents],
    [sdk.ListTagsForResource$, ListTagsForResource],
    [sdk.ListTagsLogGroup$, ListTagsLogGroup],
    [sdk.PutLogEvents$, PutLogEvents],
    [sdk.PutLogGroupDeletionProtection$, PutLogGroupDeletionProtection],
    [sdk.PutRetentionPolicy$, PutRetentionPolicy],
    [sdk.TagLogGroup$, TagLogGroup],
    [sdk.TagResource$, TagResource],
    [sdk.UntagLogGroup$, UntagLogGroup],
    [sdk.UntagResource$, UntagResource],
  ]),
  tables: {
    logGroups: { created: true, counted: () => true, shown: whole },
    logStreams: { created: true, shown: whole },
  },
  errors: {
    missingMember,
    serverError: () => new AwsError('ServiceUnavailableException', 'The service cannot complete the request.', 500),
  },
  authorization: async () => (await import('./authorization.ts')).authorization,
};
