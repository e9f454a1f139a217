// What is used of SSM. By itself so that it is imported only when it is asked for: few runs need it, and its schemas are
// the largest of the six clients'.
export { GetCommandInvocationCommand, GetParameterCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
