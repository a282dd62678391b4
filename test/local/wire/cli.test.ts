// The front door through the `aws` CLI: another signer and other codecs than the SDK's. Skipped where it is not installed.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AwsError } from '../../../src/local/wire/errors.js'
import { type AwsCli, NO_AWS, openAwsCli } from '../../aws-cli.js'
import { OPERATOR, SESSION, startToy, type Toy } from './toy.js'

const ARN = 'arn:aws:apigateway:eu-west-1::/restapis/abc'
const ROLE = { RoleName: 'r', RoleId: 'A', Path: '/', Arn: 'a', CreateDate: new Date(0) }

/** What each operation was told last. */
const told = new Map<string, unknown>()
const echo = (output: object | Error) => (input: unknown, call: { operation: string }) => {
  told.set(call.operation, input)
  if (output instanceof Error) throw output
  return output
}
const TOYS = {
  sts: {
    GetCallerIdentity: (_: unknown, call: { principal: { arn: string } }) => ({ Arn: call.principal.arn }),
  },
  iam: {
    CreateRole: echo({ Role: ROLE }),
    GetRole: echo(new AwsError('NoSuchEntityException', 'The role with name x cannot be found.')),
  },
  acm: {
    RequestCertificate: echo({ CertificateArn: 'arn:x' }),
    ListCertificates: echo(new AwsError('ValidationException', 'not so')),
  },
  dynamodb: { GetItem: echo({ Item: { b: { B: new Uint8Array([1, 2]) } } }) },
  apigateway: {
    GetTags: echo({ tags: { a: 'b c' } }),
    ImportRestApi: echo({ id: 'imported' }),
    GetRestApis: echo({ items: [{ id: 'a' }], position: 'p' }),
    GetDomainName: echo(new AwsError('NotFoundException', 'Invalid domain name identifier specified')),
  },
  lambda: { ListTags: echo({ Tags: { a: 'b' } }) },
  route53: {
    ListHostedZonesByName: echo({
      HostedZones: [],
      DNSName: 'example.com',
      IsTruncated: false,
      MaxItems: 100,
    }),
    ChangeResourceRecordSets: echo(new AwsError('InvalidChangeBatch', '[Tried to delete it]')),
  },
}

describe('the aws CLI', { skip: NO_AWS, concurrency: 2 }, () => {
  let toy: Toy
  before(async () => {
    toy = await startToy(TOYS as never)
  })
  after(() => {
    for (const cli of clis.values()) cli.close()
    return toy.close()
  })

  /** The parsed output, or the error's line. */
  const clis = new Map<typeof OPERATOR, AwsCli>()
  function aws(args: string[], keys = OPERATOR, region?: string): Promise<unknown> {
    const cli = clis.get(keys) ?? openAwsCli(toy.front.url, keys)
    clis.set(keys, cli)
    return cli.run(args, region).catch((error: Error) => error.message)
  }
  const failed = (code: string, operation: string, message: string) =>
    `An error occurred (${code}) when calling the ${operation} operation: ${message}`

  test('AWS Query', async () => {
    assert.deepEqual(await aws(['sts', 'get-caller-identity'], SESSION), {
      Arn: 'arn:aws:sts::000000000000:assumed-role/reader/one',
    })
    const tags = ['--tags', 'Key=a,Value=b c', 'Key=d,Value=é+']
    await aws([
      'iam',
      'create-role',
      '--role-name',
      'r',
      '--assume-role-policy-document',
      '{"a": 1}',
      ...tags,
    ])
    assert.deepEqual(told.get('CreateRole'), {
      RoleName: 'r',
      AssumeRolePolicyDocument: '{"a": 1}',
      Tags: [
        { Key: 'a', Value: 'b c' },
        { Key: 'd', Value: 'é+' },
      ],
    })
    assert.equal(
      await aws(['iam', 'get-role', '--role-name', 'x']),
      failed('NoSuchEntity', 'GetRole', 'The role with name x cannot be found.'),
    )
  })

  test('JSON 1.0 and 1.1', async () => {
    const key = '{"id":{"N":"1"}}'
    assert.deepEqual(await aws(['dynamodb', 'get-item', '--table-name', 't', '--key', key]), {
      Item: { b: { B: 'AQI=' } },
    })
    const request = ['acm', 'request-certificate', '--domain-name', 'a.example', '--tags', 'Key=a,Value=é']
    assert.deepEqual(await aws(request), { CertificateArn: 'arn:x' })
    assert.deepEqual(told.get('RequestCertificate'), {
      DomainName: 'a.example',
      Tags: [{ Key: 'a', Value: 'é' }],
    })
    assert.equal(
      await aws(['acm', 'list-certificates']),
      failed('ValidationException', 'ListCertificates', 'not so'),
    )
  })

  test('REST-JSON, with ARNs in the path and text in the query', async () => {
    assert.deepEqual(await aws(['apigateway', 'get-tags', '--resource-arn', ARN]), { tags: { a: 'b c' } })
    assert.deepEqual(told.get('GetTags'), { resourceArn: ARN })
    await aws(['apigateway', 'get-rest-apis', '--limit', '3', '--position', 'a b+c/%'])
    assert.deepEqual(told.get('GetRestApis'), { limit: 3, position: 'a b+c/%' })
    const parameters = ['--parameters', 'endpointConfigurationTypes=REGIONAL']
    const imported = ['apigateway', 'import-rest-api', '--fail-on-warnings', '--body', 'e30=', ...parameters]
    assert.deepEqual(await aws(imported), { id: 'imported' })
    assert.equal(
      await aws(['apigateway', 'get-domain-name', '--domain-name', 'a.b']),
      failed('NotFoundException', 'GetDomainName', 'Invalid domain name identifier specified'),
    )
    const functionArn = 'arn:aws:lambda:eu-west-1:000000000000:function:f'
    assert.deepEqual(await aws(['lambda', 'list-tags', '--resource', functionArn]), { Tags: { a: 'b' } })
    assert.deepEqual(told.get('ListTags'), { Resource: functionArn })
  })

  test('REST-XML', async () => {
    const zones = await aws(['route53', 'list-hosted-zones-by-name', '--dns-name', 'example.com'])
    assert.deepEqual((zones as { HostedZones: unknown }).HostedZones, [])
    const set = { Name: 'a.', Type: 'TXT', TTL: 60, ResourceRecords: [{ Value: '"x & y"' }] }
    const batch = { Changes: [{ Action: 'DELETE', ResourceRecordSet: set }] }
    const change = ['route53', 'change-resource-record-sets', '--hosted-zone-id', 'Z1']
    assert.equal(
      await aws([...change, '--change-batch', JSON.stringify(batch)]),
      failed('InvalidChangeBatch', 'ChangeResourceRecordSets', '[Tried to delete it]'),
    )
    assert.deepEqual(told.get('ChangeResourceRecordSets'), { HostedZoneId: 'Z1', ChangeBatch: batch })
  })

  test('refusals before the service', async () => {
    const list = ['acm', 'list-certificates']
    const wrong = String(await aws(list, { ...OPERATOR, secretAccessKey: 'x' }))
    assert.match(
      wrong,
      /^An error occurred \(InvalidSignatureException\) when calling the ListCertificates operation/,
    )
    assert.match(
      String(await aws(list, OPERATOR, 'xx-west-9')),
      /should be scoped to a valid region, not 'xx-west-9'/,
    )
    assert.match(
      String(await aws(['iam', 'list-users'])),
      /\(NotImplemented\).* does not implement iam:ListUsers/,
    )
  })
})
