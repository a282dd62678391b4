// The few AWS managed policies that this cloud knows, and the two service-linked roles. A managed
// policy that is not here cannot be attached: its permissions would be a guess.

// AWS: documents as in the AWS Managed Policy Reference.
const MANAGED: Readonly<Record<string, object>> = {
  'arn:aws:iam::aws:policy/AdministratorAccess': {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  },
  'arn:aws:iam::aws:policy/AWSDenyAll': {
    Version: '2012-10-17',
    Statement: [{ Sid: 'DenyAll', Effect: 'Deny', Action: ['*'], Resource: '*' }],
  },
  'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole': {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: '*',
      },
    ],
  },
  'arn:aws:iam::aws:policy/service-role/AWSLambdaDynamoDBExecutionRole': {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: [
          'dynamodb:DescribeStream',
          'dynamodb:GetRecords',
          'dynamodb:GetShardIterator',
          'dynamodb:ListStreams',
          'logs:CreateLogGroup',
          'logs:CreateLogStream',
          'logs:PutLogEvents',
        ],
        Resource: '*',
      },
    ],
  },
}

/** The document of an AWS managed policy as JSON text; undefined for one that this cloud does not know. */
export function managedPolicy(arn: string): string | undefined {
  return Object.hasOwn(MANAGED, arn) ? JSON.stringify(MANAGED[arn]) : undefined
}

/** A role that a service makes for itself: its name, and the policy that AWS attaches to it. */
export interface ServiceLinkedRole {
  readonly roleName: string
  readonly policyArn: string
}

// AWS: the service principals that the first global table and the first custom domain make roles for.
const SERVICE_LINKED: Readonly<Record<string, ServiceLinkedRole>> = {
  'replication.dynamodb.amazonaws.com': {
    roleName: 'AWSServiceRoleForDynamoDBReplication',
    policyArn: 'arn:aws:iam::aws:policy/aws-service-role/DynamoDBReplicationServiceRolePolicy',
  },
  'ops.apigateway.amazonaws.com': {
    roleName: 'AWSServiceRoleForAPIGateway',
    policyArn: 'arn:aws:iam::aws:policy/aws-service-role/APIGatewayServiceRolePolicy',
  },
}

export function serviceLinkedRole(serviceName: string): ServiceLinkedRole | undefined {
  return Object.hasOwn(SERVICE_LINKED, serviceName) ? SERVICE_LINKED[serviceName] : undefined
}
