// The front door, through real SDK clients: each protocol, what is refused before a service sees it, and who may call.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ACM } from '@aws-sdk/client-acm'
import { APIGateway } from '@aws-sdk/client-api-gateway'
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { IAM } from '@aws-sdk/client-iam'
import { Lambda } from '@aws-sdk/client-lambda'
import { Route53 } from '@aws-sdk/client-route-53'
import { memoryStore } from '../../../src/local/store.js'
import { AwsError } from '../../../src/local/wire/errors.js'
import { SESSION, startToy, type Toy } from './toy.js'

const CERTIFICATE = 'arn:aws:acm:eu-west-1:000000000000:certificate/1'
const REST_API_ARN = 'arn:aws:apigateway:eu-west-1::/restapis/abc'
/** What the toys were told, in order. */
const told: unknown[] = []
const echo = (output: object | Error) => (input: unknown) => {
  told.push(input)
  if (output instanceof Error) throw output
  return output
}

const ZONE = {
  Id: '/hostedzone/Z1',
  Name: 'example.com.',
  CallerReference: 'r',
  Config: { PrivateZone: false },
}
const ROLE = {
  RoleName: 'r',
  RoleId: 'AROA',
  Path: '/',
  Arn: 'arn:aws:iam::000000000000:role/r',
  CreateDate: new Date(1_700_000_000_000),
  Tags: [{ Key: 'a', Value: 'é <&>' }],
}
const TOYS = {
  acm: {
    ListCertificates: echo({ CertificateSummaryList: [] }),
    DescribeCertificate: echo(new AwsError('ResourceNotFoundException', 'no <such> certificate')),
    RequestCertificate: echo({ CertificateArn: CERTIFICATE }),
    DeleteCertificate: () => {
      throw new TypeError('a bug')
    },
  },
  apigateway: {
    GetRestApis: echo({ items: [{ id: 'a', createdDate: new Date(1_700_000_000_000) }], position: 'p 2' }),
    ImportRestApi: echo({ id: 'imported' }),
    CreateRestApi: echo({ id: 'created' }),
    TagResource: echo({}),
    GetDomainName: echo(new AwsError('NotFoundException', 'Invalid domain name identifier specified')),
    DeleteRestApi: echo(
      new AwsError('TooManyRequestsException', 'Too Many Requests', 400, { retryAfterSeconds: '7' }),
    ),
  },
  route53: {
    ListHostedZonesByName: echo({ HostedZones: [ZONE], IsTruncated: false, MaxItems: 100 }),
    ListHostedZones: echo({ HostedZones: [], Marker: '', IsTruncated: false, MaxItems: 100 }),
    ChangeResourceRecordSets: echo(
      new AwsError('InvalidChangeBatch', '[one, two]', 400, { messages: ['one', 'two'] }),
    ),
    CreateHostedZone: echo({
      HostedZone: ZONE,
      Location: 'https://route53.amazonaws.com/2013-04-01/hostedzone/Z1',
    }),
  },
  iam: {
    CreateRole: echo({ Role: ROLE }),
    ListRoles: echo({ Roles: [], IsTruncated: false }),
    GetRole: echo(new AwsError('NoSuchEntityException', 'The role with name x cannot be found.')),
  },
  lambda: { Invoke: echo({ StatusCode: 200, FunctionError: 'Unhandled', Payload: Buffer.from('{"a":1}') }) },
  dynamodb: { GetItem: echo({ Item: { id: { N: '1' } } }), ListTables: echo({ TableNames: [] }) },
}

/** The error's name, message and status, as one line. */
async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => assert.fail('not refused'),
    (thrown: Error & { $metadata?: { httpStatusCode?: number } }) => thrown,
  )
  return `${error.$metadata?.httpStatusCode} ${error.name}: ${error.message}`
}

describe('the front door', () => {
  let toy: Toy
  before(async () => {
    toy = await startToy(TOYS)
  })
  after(() => toy.close())

  test('JSON: what the client sends and what it gets', async () => {
    const acm = new ACM(toy.config())
    const input = { DomainName: 'a.example.com', Tags: [{ Key: 'k', Value: 'é' }] }
    const { CertificateArn, $metadata } = await acm.requestCertificate(input)
    assert.equal(CertificateArn, CERTIFICATE)
    assert.match($metadata.requestId ?? '', /^[0-9a-f-]{36}$/)
    assert.deepEqual(told.pop(), input)
    assert.deepEqual((await acm.listCertificates({})).CertificateSummaryList, [])
    assert.equal(
      await refusal(acm.describeCertificate({ CertificateArn: CERTIFICATE })),
      '400 ResourceNotFoundException: no <such> certificate',
    )
  })

  test('REST-JSON: labels with encoded ARNs, static queries, payloads, bodies', async () => {
    const api = new APIGateway(toy.config())
    const { items, position } = await api.getRestApis({ limit: 5, position: 'a b' })
    assert.deepEqual([items?.[0]?.createdDate?.getTime(), position], [1_700_000_000_000, 'p 2'])
    assert.deepEqual(told.pop(), { limit: 5, position: 'a b' })
    await api.tagResource({ resourceArn: REST_API_ARN, tags: { a: 'b' } })
    assert.deepEqual(told.pop(), { resourceArn: REST_API_ARN, tags: { a: 'b' } })
    const parameters = { endpointConfigurationTypes: 'REGIONAL' }
    assert.equal((await api.importRestApi({ body: Buffer.from('{}'), parameters })).id, 'imported')
    assert.deepEqual((told.pop() as { parameters: object }).parameters, parameters)
    assert.equal((await api.createRestApi({ name: 'n' })).id, 'created')
    assert.equal(
      await refusal(api.getDomainName({ domainName: 'a.b' })),
      '404 NotFoundException: Invalid domain name identifier specified',
    )
  })

  test('REST-JSON: an answer with a payload, headers and a status', async () => {
    const answer = await new Lambda(toy.config()).invoke({
      FunctionName: 'f',
      Payload: '{}',
      LogType: 'Tail',
    })
    assert.equal(answer.Payload?.transformToString(), '{"a":1}')
    assert.deepEqual([answer.FunctionError, answer.StatusCode], ['Unhandled', 200])
    assert.equal((told.pop() as { LogType: string }).LogType, 'Tail')
  })

  test('REST-JSON: an error with a header', async () => {
    const error = await new APIGateway(toy.config())
      .deleteRestApi({ restApiId: 'a' })
      .catch((thrown) => thrown)
    assert.equal(error.$metadata.httpStatusCode, 429)
    assert.equal(error.retryAfterSeconds, '7')
  })

  test('REST-XML: requests, lists, empty lists and errors with members', async () => {
    const route53 = new Route53(toy.config())
    const { HostedZones } = await route53.listHostedZonesByName({ DNSName: 'example.com' })
    assert.deepEqual(HostedZones, [ZONE])
    assert.deepEqual(told.pop(), { DNSName: 'example.com' })
    assert.deepEqual((await route53.listHostedZones({})).HostedZones, [])
    const record = { Name: 'a', Type: 'TXT' as const, TTL: 1, ResourceRecords: [{ Value: '"x & y"' }] }
    const changes = { Changes: [{ Action: 'UPSERT' as const, ResourceRecordSet: record }] }
    const call = route53.changeResourceRecordSets({ HostedZoneId: '/hostedzone/Z1', ChangeBatch: changes })
    const error = await call.catch((thrown) => thrown)
    assert.deepEqual(
      [error.name, error.message, error.messages],
      ['InvalidChangeBatch', '[one, two]', ['one', 'two']],
    )
    assert.deepEqual(told.pop(), { HostedZoneId: 'Z1', ChangeBatch: changes })
    const created = await route53.createHostedZone({ Name: 'example.com', CallerReference: 'r' })
    assert.deepEqual([created.$metadata.httpStatusCode, created.Location?.slice(-2)], [201, 'Z1'])
  })

  test('AWS Query: forms with lists, empty lists, text with signs, error codes of their own', async () => {
    const iam = new IAM(toy.config())
    const input = {
      RoleName: 'r',
      AssumeRolePolicyDocument: '{"a": "b+c%"}',
      Tags: [{ Key: 'a', Value: 'b c' }],
    }
    assert.deepEqual((await iam.createRole(input)).Role, ROLE)
    assert.deepEqual(told.pop(), input)
    assert.deepEqual((await iam.listRoles({})).Roles, [])
    assert.equal(
      await refusal(iam.getRole({ RoleName: 'x' })),
      '404 NoSuchEntityException: The role with name x cannot be found.',
    )
  })

  test('a required member that is missing, in each protocol', async () => {
    const missing = (path: string) =>
      `1 validation error detected: Value null at '${path}' failed to satisfy constraint: Member must not be null`
    assert.equal(
      await refusal(new ACM(toy.config()).requestCertificate({} as never)),
      `400 ValidationException: ${missing('domainName')}`,
    )
    const tagless = { DomainName: 'a.example', Tags: [{ Value: 'v' } as never] }
    assert.equal(
      await refusal(new ACM(toy.config()).requestCertificate(tagless)),
      `400 ValidationException: ${missing('tags.1.member.key')}`,
    )
    assert.equal(
      await refusal(new IAM(toy.config()).getRole({} as never)),
      `400 ValidationError: ${missing('roleName')}`,
    )
    assert.equal(
      await refusal(new APIGateway(toy.config()).createRestApi({} as never)),
      `400 ValidationException: ${missing('createRestApiInput.name')}`,
    )
    assert.equal(
      await refusal(new Route53(toy.config()).createHostedZone({ Name: 'a' } as never)),
      "400 InvalidInput: Invalid XML ; cvc-complex-type.2.4.b: The content of element 'CreateHostedZoneRequest' is " +
        'not complete. One of \'{"https://route53.amazonaws.com/doc/2013-04-01/":CallerReference}\' is expected.',
    )
  })

  test('a member of the wrong type', async () => {
    assert.equal(
      await refusal(new ACM(toy.config()).requestCertificate({ DomainName: 7 as never })),
      '400 SerializationException: NUMBER_VALUE can not be converted to String',
    )
    assert.equal(
      await refusal(new APIGateway(toy.config()).getRestApis({ limit: 'many' as never })),
      '400 BadRequestException: STRING_VALUE can not be converted to Number',
    )
  })

  test('an operation that the local cloud lacks is 501, in each protocol', async () => {
    const lacks = (what: string) =>
      new RegExp(`^501 NotImplemented: The local cloud does not implement ${what}\\.`)
    assert.match(
      await refusal(new ACM(toy.config()).getAccountConfiguration({})),
      lacks('acm:GetAccountConfiguration'),
    )
    assert.match(await refusal(new Lambda(toy.config()).listFunctions({})), lacks('lambda:ListFunctions'))
    assert.match(
      await refusal(new Route53(toy.config()).getHostedZoneCount({})),
      lacks('route53:GetHostedZoneCount'),
    )
    assert.match(await refusal(new IAM(toy.config()).listUsers({})), lacks('iam:ListUsers'))
  })

  test('a bug in a service is a 500, and the log has its stack and operation', async () => {
    const call = new ACM(toy.config()).deleteCertificate({ CertificateArn: CERTIFICATE })
    assert.match(await refusal(call), /^500 InternalFailure: The local cloud failed in acm:DeleteCertificate/)
    assert.match(toy.logged.at(-1) ?? '', /acm:DeleteCertificate in eu-west-1.*TypeError: a bug\n +at /s)
  })

  test('regions: each appears once, global services have none, other names are refused', async () => {
    toy.regions.length = 0
    await new ACM(toy.config(undefined, 'ap-south-2')).listCertificates({})
    await new ACM(toy.config(undefined, 'ap-south-2')).listCertificates({})
    await new IAM(toy.config(undefined, 'sa-east-1')).listRoles({})
    assert.deepEqual(toy.regions, ['ap-south-2'])
    const scoped = "Credential should be scoped to a valid region, not 'xx-west-9'. "
    assert.equal(
      await refusal(new ACM(toy.config(undefined, 'xx-west-9')).listCertificates({})),
      `400 InvalidSignatureException: ${scoped}`,
    )
    assert.equal(
      await refusal(new IAM(toy.config(undefined, 'xx-west-9')).listRoles({})),
      `403 SignatureDoesNotMatch: ${scoped}`,
    )
  })

  test('counts calls', async () => {
    const { total } = toy.front.calls()
    await new ACM(toy.config()).listCertificates({})
    assert.equal(toy.front.calls().total, total + 1)
    assert.ok(toy.front.calls().perSecond > 0)
  })
})

test('a role session needs permission for each action that the service names; the operator needs none', async () => {
  const asked: unknown[] = []
  const wants = [
    { action: 'apigateway:GET', resource: REST_API_ARN },
    { action: 'apigateway:PATCH', resource: '*' },
  ]
  const toy = await startToy(TOYS, {
    extra: { apigateway: { authorize: () => wants }, iam: { authorize: () => [] } },
    authorize(principal, service, list) {
      asked.push([principal.roleName, service, list])
      const [first] = list
      return first ? { allowed: false, explicit: service === 'route53', ...first } : { allowed: true }
    },
  })
  try {
    const config = toy.config(SESSION)
    const user = 'User: arn:aws:sts::000000000000:assumed-role/reader/one is not authorized to perform:'
    assert.equal(
      await refusal(new APIGateway(config).getRestApis({})),
      `403 AccessDeniedException: ${user} apigateway:GET on resource: ${REST_API_ARN} because no identity-based policy ` +
        'allows the apigateway:GET action',
    )
    assert.deepEqual(asked, [['reader', 'apigateway', wants]])
    assert.match(await refusal(new ACM(config).listCertificates({})), /^403 AccessDeniedException/)
    assert.match(await refusal(new DynamoDB(config).listTables({})), /^400 AccessDeniedException/)
    assert.equal(
      await refusal(new Route53(config).listHostedZones({})),
      `403 AccessDenied: ${user} route53:ListHostedZones on resource: * with an explicit deny in an identity-based policy`,
    )
    await new IAM(config).listRoles({})
    asked.length = 0
    await new APIGateway(toy.config()).getRestApis({})
    assert.deepEqual(asked, [])
  } finally {
    await toy.close()
  }
})

test('a service with a wire of its own answers first', async () => {
  const bodies: string[] = []
  const toy = await startToy(TOYS, {
    extra: {
      dynamodb: {
        async raw(operation, body) {
          bodies.push(body)
          return operation === 'GetItem' ? { status: 200, body: '{"Item":{"id":{"N":"2"}}}' } : undefined
        },
      },
    },
  })
  try {
    const dynamodb = new DynamoDB(toy.config())
    const { Item } = await dynamodb.getItem({ TableName: 't', Key: { id: { N: '2' } } })
    assert.deepEqual(Item, { id: { N: '2' } })
    assert.deepEqual(JSON.parse(bodies[0] ?? ''), { TableName: 't', Key: { id: { N: '2' } } })
    assert.deepEqual((await dynamodb.listTables({})).TableNames, [])
  } finally {
    await toy.close()
  }
})

test('no answer leaves before the store is flushed, not even that of a failure', async () => {
  let flushed = 0
  const store = memoryStore()
  const slow = {
    ...store,
    async flush() {
      await new Promise((resolve) => setTimeout(resolve, 20))
      flushed += 1
    },
  }
  const toy = await startToy(TOYS, { store: slow })
  try {
    await new ACM(toy.config()).listCertificates({})
    assert.equal(flushed, 1)
    await refusal(new ACM(toy.config()).describeCertificate({ CertificateArn: CERTIFICATE }))
    assert.equal(flushed, 2)
  } finally {
    await toy.close()
  }
})

test('admin paths go to the daemon, and are not counted', async () => {
  const toy = await startToy(TOYS, {
    admin: (request, response) => void response.end(`admin ${request.url}`),
  })
  try {
    const answer = await fetch(`${toy.front.url}/_local/status?a=b`)
    assert.equal(await answer.text(), 'admin /_local/status?a=b')
    assert.equal(toy.front.calls().total, 0)
  } finally {
    await toy.close()
  }
})

test('a taken port is an error', async () => {
  const toy = await startToy(TOYS)
  try {
    await assert.rejects(startToy(TOYS, { port: toy.front.port }), { code: 'EADDRINUSE' })
  } finally {
    await toy.close()
  }
})
