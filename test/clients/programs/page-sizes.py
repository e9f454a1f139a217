"""How many items a page of EC2 may have: each paged read takes the most that AWS's own model of the API allows, and
refuses one more, as AWS does. Works on whatever the environment gives. Prints how many were tried."""
import json

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ec2 = boto3.client("ec2", config=Config(retries={"total_max_attempts": 1}))
operations = """DescribeIamInstanceProfileAssociations DescribeInstanceCreditSpecifications DescribeInstanceTypeOfferings
DescribeInstanceTypes DescribeInternetGateways DescribeNetworkInterfaces DescribeRouteTables DescribeSecurityGroupRules
DescribeSecurityGroups DescribeSubnets DescribeVpcs""".split()
methods = {api: python for python, api in ec2.meta.method_to_api_mapping.items()}
tried = 0
for operation in operations:
    most = ec2.meta.service_model.operation_model(operation).input_shape.members["MaxResults"].metadata["max"]
    call = getattr(ec2, methods[operation])
    call(MaxResults=most)
    try:
        call(MaxResults=most + 1)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "InvalidParameterValue", (operation, error)
    else:
        raise AssertionError(f"{operation} takes {most + 1}")
    tried += 1
# The model says nothing of volumes: the AWS CLI asks for 1000 by itself, and AWS gives what it gives.
ec2.describe_volumes(MaxResults=5000)
print(json.dumps({"tried": tried}))
