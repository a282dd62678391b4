// What the fuzz knows to exist: a small set of names, documents that make sense, and the ids that answers have shown. Ids
// of each kind are few; when there are enough, what would make one more deletes one instead.
import { zipOf } from '../../conformance/lambda/function.js'
import type { Making, Random } from './fuzz-input.js'
import { pick } from './fuzz-input.js'

/** How many of a kind may exist before one is deleted for each that would be made: few, so that ids often fit together. */
const MOST = 4

export const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
})
const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['dynamodb:GetItem', 'logs:*'], Resource: '*' }],
})
export const TRAFFIC = JSON.stringify({
  AWSPolicyFormatVersion: '2015-10-01',
  RecordType: 'CNAME',
  StartRule: 'r',
  Endpoints: { a: { Type: 'value', Value: 'a.example.com' }, b: { Type: 'value', Value: 'b.example.com' } },
  Rules: {
    r: { RuleType: 'failover', Primary: { EndpointReference: 'a' }, Secondary: { EndpointReference: 'b' } },
  },
})
export const OPENAPI = JSON.stringify({
  openapi: '3.0.1',
  info: { title: 'stock', version: '1' },
  paths: {
    '/health': {
      get: {
        responses: { 200: { description: 'ok' } },
        'x-amazon-apigateway-integration': {
          type: 'mock',
          requestTemplates: { 'application/json': '{"statusCode":200}' },
        },
      },
    },
  },
})
const ZIP = zipOf({ 'index.mjs': 'export const handler = async () => 1' })
export const ACCOUNT = '000000000000'
const FEW = ['1', '2', '3']
const arns = (prefix: string) => FEW.map((n) => `${prefix}-${n}`)
const ITEM = (random: Random) => ({ id: { S: `i${Math.floor(random() * 20)}` } })

/** Values by the member's name in lower case, where the models say only `string`. */
const NAMES: Readonly<Record<string, readonly unknown[]>> = {
  tablename: arns('table'),
  globaltablename: arns('table'),
  rolename: arns('role'),
  policyname: arns('policy'),
  functionname: arns('function'),
  loggroupname: ['/aws/lambda/function-1', '/aws/lambda/function-2', '/group'],
  logstreamname: arns('stream'),
  role: [`arn:aws:iam::${ACCOUNT}:role/role-1`, `arn:aws:iam::${ACCOUNT}:role/role-2`],
  policyarn: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
  permissionsboundary: ['arn:aws:iam::aws:policy/AdministratorAccess'],
  assumerolepolicydocument: [TRUST],
  policydocument: [POLICY, TRUST],
  runtime: ['nodejs22.x', 'nodejs24.x'],
  handler: ['index.handler'],
  domainname: ['a.example.com', 'b.example.com'],
  stagename: ['dev', 'prod'],
  stage: ['dev', 'prod'],
  basepath: ['v1', '(none)', ''],
  httpmethod: ['GET', 'POST', 'ANY'],
  statuscode: ['200', '500'],
  authorizationtype: ['NONE'],
  pathpart: ['items', '{id}', '{proxy+}'],
  exporttype: ['oas30'],
  document: [TRAFFIC],
  ttl: [60],
  trafficpolicyversion: [1, 2],
  version: [1, 2],
  regionname: ['us-east-1', 'us-west-2'],
  region: ['us-east-1', 'eu-west-1'],
  billingmode: ['PAY_PER_REQUEST'],
  keyschema: [[{ AttributeName: 'id', KeyType: 'HASH' }]],
  attributedefinitions: [[{ AttributeName: 'id', AttributeType: 'S' }]],
  awsservicename: ['replication.dynamodb.amazonaws.com'],
  validationmethod: ['DNS'],
  retentionindays: [1, 7, 30],
  endpointconfiguration: [{ types: ['REGIONAL'] }, undefined],
  statementid: arns('statement'),
  principal: ['apigateway.amazonaws.com'],
  action: ['lambda:InvokeFunction'],
  conditionexpression: ['attribute_exists(id)', 'attribute_not_exists(id)', 'a ='],
  updateexpression: ['SET v = if_not_exists(v, :one)', 'REMOVE v'],
  path: ['/', '/a/', '/description', '/name', '/variables/a'],
  recordtype: ['A', 'CNAME'],
  recordname: ['a.example.com'],
  dnsname: ['example.com'],
  parentid: [],
}

const ITEMS = FEW.map((n) => ({ id: { S: `i${n}` }, v: { N: n } }))
const KEYS = FEW.map((n) => ({ id: { S: `i${n}` } }))

/** Members without which a call comes to nothing, though its model does not require them; taken nearly always. */
export const NEEDED: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>> = {
  'dynamodb.CreateTable': {
    AttributeDefinitions: NAMES.attributedefinitions!,
    KeySchema: NAMES.keyschema!,
    BillingMode: NAMES.billingmode!,
  },
  'dynamodb.Query': {
    KeyConditionExpression: ['id = :a'],
    ExpressionAttributeValues: [{ ':a': { S: 'i1' } }],
  },
  'dynamodb.PutItem': { Item: ITEMS },
  'dynamodb.UpdateItem': {
    UpdateExpression: ['SET v = :one', 'REMOVE v'],
    ExpressionAttributeValues: [{ ':one': { N: '1' } }, undefined],
  },
  'dynamodb.UpdateTable': { DeletionProtectionEnabled: [true, false] },
  'dynamodb.UpdateTimeToLive': { TimeToLiveSpecification: [{ Enabled: true, AttributeName: 'ttl' }] },
  'dynamodb.BatchGetItem': { RequestItems: [{ 'table-1': { Keys: KEYS } }] },
  'dynamodb.BatchWriteItem': {
    RequestItems: [{ 'table-1': [{ PutRequest: { Item: ITEMS[0] } }, { DeleteRequest: { Key: KEYS[1] } }] }],
  },
  'dynamodb.TransactGetItems': { TransactItems: [[{ Get: { TableName: 'table-1', Key: KEYS[0] } }]] },
  'dynamodb.TransactWriteItems': {
    TransactItems: [
      [{ Put: { TableName: 'table-1', Item: ITEMS[0] } }, { Delete: { TableName: 'table-1', Key: KEYS[1] } }],
    ],
  },
  'lambda.CreateFunction': {
    Role: NAMES.role!,
    Runtime: NAMES.runtime!,
    Handler: NAMES.handler!,
    Architectures: [['arm64'], ['x86_64']],
    Code: [{ ZipFile: ZIP }],
  },
  'lambda.UpdateFunctionCode': { ZipFile: [ZIP] },
  'apigateway.CreateRestApi': { endpointConfiguration: [{ types: ['REGIONAL'] }] },
  'apigateway.ImportRestApi': { parameters: [{ endpointConfigurationTypes: 'REGIONAL' }] },
  'apigateway.CreateDomainName': {
    endpointConfiguration: [{ types: ['REGIONAL'] }],
    securityPolicy: ['TLS_1_2'],
  },
  'apigateway.PutIntegration': { type: ['MOCK'] },
  'route53.CreateHealthCheck': {
    HealthCheckConfig: [
      {
        Type: 'HTTPS',
        FullyQualifiedDomainName: 'x.execute-api.eu-west-1.amazonaws.com',
        RequestInterval: 30,
      },
      { Type: 'TCP', IPAddress: '192.0.2.1', Port: 80 },
    ],
  },
  'route53.ChangeResourceRecordSets': {
    ChangeBatch: ['CREATE', 'UPSERT', 'DELETE'].flatMap((Action) =>
      ['a.example.com', 'b.example.com'].map((Name) => ({
        Changes: [
          {
            Action,
            ResourceRecordSet: { Name, Type: 'A', TTL: 60, ResourceRecords: [{ Value: '192.0.2.1' }] },
          },
        ],
      })),
    ),
  },
  'route53.UpdateHealthCheck': { Disabled: [true, false] },
  'acm.RequestCertificate': { DomainName: NAMES.domainname!, ValidationMethod: ['DNS'] },
  'logs.PutLogEvents': { logEvents: [[{ timestamp: Date.now(), message: 'a line' }]] },
  'logs.FilterLogEvents': { logGroupName: ['/group'] },
  'logs.GetLogEvents': { logGroupName: ['/group'] },
}

/** Where a member's name means different things: by service and name. */
const BY_SERVICE: Readonly<Record<string, readonly unknown[]>> = {
  'apigateway.body': [Buffer.from(OPENAPI)],
  'apigateway.name': arns('api'),
  'apigateway.resourcearn': [
    'arn:aws:apigateway:eu-west-1::/restapis/abc',
    'arn:aws:apigateway:eu-west-1::/domainnames/a.example.com',
  ],
  'dynamodb.resourcearn': FEW.map((n) => `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/table-${n}`),
  'lambda.resource': FEW.map((n) => `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:function-${n}`),
  'logs.resourcearn': [`arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:/group`],
  'logs.loggroupidentifier': ['/group', `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:/group`],
  'lambda.path': [],
  'iam.path': ['/', '/a/'],
  'iam.marker': [],
  'route53.name': ['example.com', 'a.example.com', 'b.example.com.', 'other.example'],
  'route53.type': [],
  'route53.action': ['CREATE', 'UPSERT', 'DELETE'],
  'route53.callerreference': Array.from({ length: 40 }, (_, n) => `reference-${n}`),
  'route53.value': ['192.0.2.1', '"text"', 'a.example.com'],
  'route53.fullyqualifieddomainname': ['abc.execute-api.eu-west-1.amazonaws.com'],
  'route53.resourcetype': ['healthcheck', 'hostedzone'],
}

interface Kind {
  readonly pattern: RegExp
  readonly members: readonly string[]
  readonly make: readonly string[]
  readonly remove: string
}

/** Ids that AWS makes: where answers show them, which members take them, what makes and deletes them. */
const KINDS: Readonly<Record<string, Kind>> = {
  'apigateway.api': {
    pattern: /^\{"[^}]*"id":"([a-z0-9]{10})"/,
    members: ['restApiId'],
    make: ['CreateRestApi', 'ImportRestApi'],
    remove: 'DeleteRestApi',
  },
  'apigateway.resource': {
    pattern: /"id":"([a-z0-9]{6,10})"/,
    members: ['resourceId', 'parentId'],
    make: ['CreateResource', 'GetResources'],
    remove: 'DeleteResource',
  },
  'apigateway.deployment': {
    pattern: /"id":"([a-z0-9]{6})"/,
    members: ['deploymentId'],
    make: ['CreateDeployment'],
    remove: 'DeleteDeployment',
  },
  'route53.zone': {
    pattern: /<Id>\/hostedzone\/(Z\w+)</,
    members: ['HostedZoneId', 'Id'],
    make: ['CreateHostedZone'],
    remove: 'DeleteHostedZone',
  },
  'route53.check': {
    pattern: /<HealthCheck><Id>([^<]+)</,
    members: ['HealthCheckId', 'ResourceId'],
    make: ['CreateHealthCheck'],
    remove: 'DeleteHealthCheck',
  },
  'route53.policy': {
    pattern: /<TrafficPolicy><Id>([^<]+)</,
    members: ['TrafficPolicyId', 'Id'],
    make: ['CreateTrafficPolicy', 'CreateTrafficPolicyVersion'],
    remove: 'DeleteTrafficPolicy',
  },
  'route53.instance': {
    pattern: /<TrafficPolicyInstance><Id>([^<]+)</,
    members: ['Id'],
    make: ['CreateTrafficPolicyInstance'],
    remove: 'DeleteTrafficPolicyInstance',
  },
  'route53.change': {
    pattern: /<Id>\/change\/(C\w+)</,
    members: ['Id'],
    make: ['ChangeResourceRecordSets'],
    remove: '',
  },
  'acm.certificate': {
    pattern: /"CertificateArn":"([^"]+)"/,
    members: ['CertificateArn', 'regionalCertificateArn'],
    make: ['RequestCertificate'],
    remove: 'DeleteCertificate',
  },
}

export interface FuzzPool {
  /** A value that means something for a member of that name; undefined where only its model says what it is. */
  valueFor(making: Making, member: string): unknown
  /** A key for a map that stands under that name. */
  keyFor(member: string, random: Random): string | undefined
  /** The operation to call instead, when there is enough of what this one makes. */
  insteadOf(service: string, operation: string): string
  /** Takes in an id of a kind such as `route53.zone`. */
  add(kind: string, id: string): void
  /** Learns from an answer. */
  learn(
    service: string,
    operation: string,
    status: number,
    body: string,
    input: Record<string, unknown>,
  ): void
}

export function createPool(): FuzzPool {
  const ids = new Map<string, string[]>(Object.keys(KINDS).map((kind) => [kind, []]))

  const kindsOf = (service: string) =>
    Object.entries(KINDS).filter(([kind]) => kind.startsWith(`${service}.`))

  function idFor({ service, operation, random }: Making, member: string): string | undefined {
    const fitting = kindsOf(service).filter(([, { members }]) => members.includes(member))
    // `Id` alone is told by the operation: DeleteTrafficPolicyInstance, GetChange.
    const noun = (kind: string) =>
      ({
        zone: 'HostedZone',
        check: 'HealthCheck',
        policy: 'TrafficPolicy',
        instance: 'Instance',
        change: 'GetChange',
      })[kind.split('.')[1]!]
    const named = fitting.filter(([kind]) => member !== 'Id' || operation.includes(noun(kind) ?? ''))
    const exact = named.findLast(([kind]) => member === 'Id' || kind !== '') ?? fitting[0]
    const known = exact && ids.get(exact[0])
    return known?.length ? pick(random, known) : undefined
  }

  return {
    valueFor(making, member) {
      const id = idFor(making, member)
      if (id !== undefined) return id
      const { service, operation, random } = making
      const lower = member.toLowerCase()
      if (service === 'dynamodb' && (lower === 'key' || lower === 'item') && !/Tag/.test(operation))
        return ITEM(random)
      if (service === 'dynamodb' && lower === 'keys') return [ITEM(random)]
      const values = BY_SERVICE[`${service}.${lower}`] ?? NAMES[lower]
      return values?.length ? pick(random, values) : undefined
    },
    keyFor: (member, random) =>
      member === 'RequestItems'
        ? pick(random, arns('table'))
        : /tags/i.test(member)
          ? pick(random, ['a', 'b', 'c'])
          : undefined,
    add(kind, id) {
      const known = ids.get(kind)!
      if (!known.includes(id)) known.push(id)
      while (known.length > 2 * MOST) known.shift()
    },
    insteadOf(service, operation) {
      const full = kindsOf(service).find(
        ([kind, { make }]) =>
          make.includes(operation) && operation.startsWith('C') && ids.get(kind)!.length >= MOST,
      )
      return full?.[1].remove || operation
    },
    learn(service, operation, status, body, input) {
      for (const [kind, { pattern, make, members, remove }] of kindsOf(service)) {
        const known = ids.get(kind)!
        const found = make.includes(operation) && status < 300 ? pattern.exec(body)?.[1] : undefined
        if (found) this.add(kind, found)
        const gone = operation === remove && status !== 400 ? members.map((member) => input[member]) : []
        for (const id of gone) if (known.includes(String(id))) known.splice(known.indexOf(String(id)), 1)
      }
    },
  }
}
