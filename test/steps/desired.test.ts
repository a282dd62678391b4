// What the steps want, for the article's config and for edits of it: exactly, as AWS is told it.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { NotReadyError } from '../../src/base/errors.js'
import { ACCOUNT, article, env, wishes } from './fixture.js'

const config = article()
const all = wishes(config)
const DRAIN = { mode: 'article', since: '2026-11-01T00:00:00.000Z' } as const

/** The wish at an address; fails where nothing stands there. */
function at<T = Record<string, unknown>>(address: string, of: ReadonlyMap<string, unknown> = all): T {
  assert.ok(of.has(address), `${address} is not there: ${[...of.keys()].join(', ')}`)
  return of.get(address) as T
}

test('everything of the article stands where it should', () => {
  const places = new Map<string, string[]>()
  for (const address of all.keys()) {
    const [kind = '', ...site] = address.split('/')
    places.set(kind, [...(places.get(kind) ?? []), site.join('/')])
  }
  const both = ['eu-west-1', 'us-east-1']
  const functions = both.flatMap((region) =>
    ['getItem', 'putItem', 'health'].map((key) => `${region}/${key}`),
  )
  assert.deepEqual(Object.fromEntries(places), {
    ...{ table: ['eu-west-1'], replica: ['us-east-1'], 'table-protection': both },
    ...{ role: functions, 'log-group': functions, function: functions, 'invoke-permission': functions },
    ...{ 'rest-api': both, deployment: both, stage: both },
    ...{ certificate: both, 'validation-record': ['eu-west-1'], 'certificate-issued': both },
    ...{ 'domain-name': both, 'base-path-mapping': both },
    ...{ 'health-check': both, 'traffic-policy': ['eu-west-1'], 'policy-record': ['eu-west-1'] },
  })
})

test('every wish is plain JSON, and the same when it is asked again', () => {
  const drained = env(config, { 'us-east-1': DRAIN })
  for (const each of [all, wishes(config, drained)])
    for (const [address, wish] of each) assert.deepEqual(JSON.parse(JSON.stringify(wish)), wish, address)
  assert.deepEqual([...wishes(config)], [...all])
})

describe('role', () => {
  interface Role {
    roleName: string
    trust: object
    policy: { Version: string; Statement: { Sid: string; Action: string[]; Resource: string[] }[] }
  }
  const logs = (region: string, key: string) => ({
    ...{ Sid: 'Logs', Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'] },
    Resource: [`arn:aws:logs:${region}:${ACCOUNT}:log-group:/aws/lambda/multiregion-dev-${key}:*`],
  })

  test("exactly the function's actions on its own region's table, and its own log group", () => {
    const { roleName, policy, trust } = at<Role>('role/us-east-1/putItem')
    assert.equal(roleName, 'multiregion-dev-putItem-us-east-1')
    assert.deepEqual(policy, {
      Version: '2012-10-17',
      Statement: [
        {
          ...{ Sid: 'Table', Effect: 'Allow', Action: ['dynamodb:PutItem'] },
          Resource: [`arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/MyGlobalTable`],
        },
        logs('us-east-1', 'putItem'),
      ],
    })
    assert.deepEqual(trust, {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ],
    })
  })

  test('a function without actions may write its logs and nothing else', () => {
    const quiet = wishes(article(({ functions }) => Object.assign(functions.health, { actions: [] })))
    assert.deepEqual(at<Role>('role/eu-west-1/health', quiet).policy.Statement, [logs('eu-west-1', 'health')])
  })

  test('queries reach the indexes too', () => {
    const asking = wishes(
      article(({ functions }) => Object.assign(functions.getItem, { actions: ['dynamodb:Query'] })),
    )
    const table = `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/MyGlobalTable`
    assert.deepEqual(at<Role>('role/eu-west-1/getItem', asking).policy.Statement[0]?.Resource, [
      table,
      `${table}/index/*`,
    ])
  })

  test('in no role a wildcard action, another region or the right to make log groups', () => {
    for (const [address, wish] of all) {
      if (!address.startsWith('role/')) continue
      const region = address.split('/')[1]!
      for (const { Action, Resource } of (wish as Role).policy.Statement) {
        assert.ok(
          Action.every((action) => !action.includes('*') && action !== 'logs:CreateLogGroup'),
          address,
        )
        assert.ok(
          Resource.every((arn) => arn.includes(`:${region}:${ACCOUNT}:`)),
          address,
        )
      }
    }
  })

  test('other partitions have their own ARNs', () => {
    const china = wishes(config, env(config, {}, 'aws-cn'))
    const [table] = at<Role>('role/eu-west-1/getItem', china).policy.Statement
    assert.equal(table?.Resource[0], `arn:aws-cn:dynamodb:eu-west-1:${ACCOUNT}:table/MyGlobalTable`)
  })
})

describe('function', () => {
  interface Fn {
    environment: Record<string, string>
  }

  test('as the config has it, with its code, its role and its table', () => {
    assert.deepEqual(at('function/eu-west-1/health'), {
      ...{ functionName: 'multiregion-dev-health', role: `arn:aws:lambda:eu-west-1:${ACCOUNT}:role:health` },
      ...{ runtime: 'nodejs24.x', architecture: 'arm64', handler: 'index.handler' },
      ...{
        roleId: 'AROAhealth',
        packageType: 'Zip',
        memoryMb: 512,
        timeoutSeconds: 10,
        codeSha256: 'sha of health',
      },
      environment: { TABLE_NAME: 'MyGlobalTable', KEY_NAME: 'id', KEY_TYPE: 'N', status: '200' },
    })
  })

  test('in a drained region the health function answers 404, and it alone', () => {
    const drained = wishes(config, env(config, { 'us-east-1': DRAIN }))
    assert.equal(at<Fn>('function/us-east-1/health', drained).environment.status, '404')
    const changed = [...drained].filter(
      ([address, wish]) => JSON.stringify(wish) !== JSON.stringify(all.get(address)),
    )
    assert.deepEqual(
      changed.map(([address]) => address),
      ['function/us-east-1/health'],
    )
  })

  test('also where the config gives it no status, and under another name', () => {
    const other = article((written) => {
      written.functions.pulse = { ...written.functions.health, environment: {} }
      delete written.functions.health
      written.healthCheck.function = 'pulse'
    })
    const drained = wishes(other, env(other, { 'eu-west-1': DRAIN }))
    assert.equal(at<Fn>('function/eu-west-1/pulse', drained).environment.status, '404')
    assert.equal(at<Fn>('function/us-east-1/pulse', drained).environment.status, undefined)
  })
})

describe('invoke permission', () => {
  test('exactly one method and path of one stage of our API, for our account', () => {
    assert.deepEqual(at('invoke-permission/us-east-1/getItem'), {
      functionName: 'multiregion-dev-getItem',
      sourceArn: `arn:aws:execute-api:us-east-1:${ACCOUNT}:id of rest-api/us-east-1/dev/GET/item/*`,
      sourceAccount: ACCOUNT,
    })
    const { sourceArn } = at('invoke-permission/eu-west-1/putItem')
    assert.equal(sourceArn, `arn:aws:execute-api:eu-west-1:${ACCOUNT}:id of rest-api/eu-west-1/dev/POST/item`)
  })

  test('every parameter is one star', () => {
    const routed = wishes(
      article((written) => {
        written.functions.putItem.route = 'PUT /a/{b}/c/{rest+}'
        delete written.proof
      }),
    )
    assert.match(
      String(at('invoke-permission/eu-west-1/putItem', routed).sourceArn),
      /\/dev\/PUT\/a\/\*\/c\/\*$/,
    )
  })
})

test('a deployment is named by what the API serves, and by nothing else', () => {
  const document = (of: ReadonlyMap<string, unknown>) => at('deployment/eu-west-1', of).document
  assert.match(String(document(all)), /^[0-9a-f]{16}$/)
  const larger = wishes(article(({ functions }) => Object.assign(functions.getItem, { memoryMb: 1024 })))
  assert.equal(document(larger), document(all))
  assert.notEqual(at('deployment/us-east-1').document, document(all))
})

describe('health check', () => {
  test("on the API's own host, under the stage, from the checkers of the config", () => {
    assert.deepEqual(at('health-check/us-east-1'), {
      ...{ host: 'api-us-east-1.execute-api.us-east-1.amazonaws.com', path: '/dev/health' },
      ...{ intervalSeconds: 30, failureThreshold: 3, sni: true, enabled: true, tagged: true },
      checkerRegions: ['ap-southeast-1', 'eu-west-1', 'us-east-1'],
    })
  })

  test('checkers in any order are the same check', () => {
    const reordered = wishes(article(({ healthCheck }) => healthCheck.checkerRegions.reverse()))
    assert.deepEqual(at('health-check/eu-west-1', reordered), at('health-check/eu-west-1'))
  })

  test('in China the host ends otherwise', () => {
    const china = wishes(config, env(config, {}, 'aws-cn'))
    assert.match(String(at('health-check/eu-west-1', china).host), /\.amazonaws\.com\.cn$/)
  })
})

describe('traffic policy', () => {
  test('a CNAME policy with a latency rule: per region its domain target and its health check', () => {
    assert.deepEqual(at('traffic-policy/eu-west-1'), {
      name: 'multiregion-dev',
      document: {
        ...{ AWSPolicyFormatVersion: '2015-10-01', RecordType: 'CNAME', StartRule: 'latency' },
        Endpoints: {
          'endpoint-eu-west-1': { Type: 'value', Value: 'd-eu-west-1.execute-api.eu-west-1.amazonaws.com' },
          'endpoint-us-east-1': { Type: 'value', Value: 'd-us-east-1.execute-api.us-east-1.amazonaws.com' },
        },
        Rules: {
          latency: {
            RuleType: 'latency',
            Regions: ['eu-west-1', 'us-east-1'].map((region) => ({
              EndpointReference: `endpoint-${region}`,
              Region: region,
              HealthCheck: `id of health-check/${region}`,
            })),
          },
        },
      },
    })
  })

  for (const missing of ['domain-name', 'base-path-mapping', 'health-check'])
    test(`a region without its ${missing} gets no branch`, () => {
      const partial = wishes(config, env(config), [`${missing}/us-east-1`])
      const { document } = at<{ document: { Endpoints: object; Rules: { latency: { Regions: object[] } } } }>(
        'traffic-policy/eu-west-1',
        partial,
      )
      assert.deepEqual(Object.keys(document.Endpoints), ['endpoint-eu-west-1'])
      assert.equal(document.Rules.latency.Regions.length, 1)
    })

  test('no region that has all three: an error that says so, not an empty policy', () => {
    const missing = ['domain-name/eu-west-1', 'health-check/us-east-1']
    assert.throws(() => wishes(config, env(config), missing), NotReadyError)
  })
})

test('the record: the public name in its zone, at the version of the policy', () => {
  assert.deepEqual(at('policy-record/eu-west-1'), {
    ...{ zoneId: 'Z123', name: 'multiregion.example.com.', ttlSeconds: 60, policyId: 'policy-1', version: 3 },
  })
})

test('the validation record: one for all regions, its names with a final dot', () => {
  const { name, value } = at('validation-record/eu-west-1')
  assert.deepEqual([name, value], ['_abc.multiregion.example.com.', '_def.acm-validations.aws.'])
})

test('the custom domain speaks TLS 1.2, which the checkers do', () => {
  assert.deepEqual(at('domain-name/us-east-1'), {
    ...{ domainName: 'multiregion.example.com', securityPolicy: 'TLS_1_2' },
    ...{ certificateArn: 'id of certificate-issued/us-east-1', endpointType: 'REGIONAL' },
  })
})

test('the table: keys as the config has them, with a sort key where it has one', () => {
  const keys = [{ name: 'id', type: 'N', keyType: 'HASH' }]
  assert.deepEqual(at('table/eu-west-1'), {
    tableName: 'MyGlobalTable',
    keys,
    billingMode: 'PAY_PER_REQUEST',
  })
  const sorted = wishes(article(({ table }) => Object.assign(table, { sortKey: { name: 'at', type: 'S' } })))
  assert.deepEqual(at('table/eu-west-1', sorted).keys, [...keys, { name: 'at', type: 'S', keyType: 'RANGE' }])
})

test('protection stands where the config wants any of it', () => {
  const unprotected = { deletionProtection: false, pointInTimeRecovery: false }
  const none = wishes(article(({ table }) => Object.assign(table, unprotected)))
  assert.ok(![...none.keys()].some((address) => address.startsWith('table-protection/')))
  const half = wishes(article(({ table }) => Object.assign(table, { deletionProtection: false })))
  assert.equal(at('table-protection/us-east-1', half).deletionProtection, false)
  assert.equal(at('table-protection/us-east-1', half).pointInTimeRecovery, true)
})

test('three regions: two replicas, three branches, the rest once per region', () => {
  const three = wishes(article(({ regions }) => regions.push('ap-south-1')))
  const count = (kind: string) => [...three.keys()].filter((address) => address.startsWith(`${kind}/`)).length
  assert.deepEqual(
    ['table', 'replica', 'function', 'certificate', 'policy-record'].map(count),
    [1, 2, 9, 3, 1],
  )
})
