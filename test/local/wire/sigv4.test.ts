// Signatures: what is refused, with which code, by a service of each protocol. The requests are signed by the SDK and
// then spoiled on their way.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ACM } from '@aws-sdk/client-acm'
import { APIGateway } from '@aws-sdk/client-api-gateway'
import { IAM } from '@aws-sdk/client-iam'
import { Route53 } from '@aws-sdk/client-route-53'
import { EXPIRED, type Keys, OPERATOR, SESSION, startToy, type Toy } from './toy.js'

const ok = () => ({})
const TOYS = {
  acm: { ListCertificates: ok },
  apigateway: { GetRestApis: ok, GetTags: ok },
  route53: { ListHostedZones: () => ({ HostedZones: [], Marker: '', IsTruncated: false, MaxItems: 1 }) },
  iam: { ListRoles: () => ({ Roles: [] }) },
}

/** A request after it was signed. */
interface Signed {
  method: string
  path: string
  query: Record<string, string>
  headers: Record<string, string>
  body?: unknown
}
type Spoil = (request: Signed) => void

describe('signatures', () => {
  let toy: Toy
  before(async () => {
    toy = await startToy(TOYS)
  })
  after(() => toy.close())

  /** One call of each protocol; the codes and statuses that came back, JSON, REST-JSON, REST-XML, Query. */
  async function answers(keys: Keys, spoil?: Spoil, config: { systemClockOffset?: number } = {}) {
    const options = { ...toy.config(keys), ...config }
    const clients = [
      new ACM(options),
      new APIGateway(options),
      new Route53(options),
      new IAM(options),
    ] as const
    for (const client of clients) if (spoil) spoilAfterSigning(client, spoil)
    const [acm, api, route53, iam] = clients
    const calls = [
      acm.listCertificates({}),
      api.getRestApis({}),
      route53.listHostedZones({}),
      iam.listRoles({}),
    ]
    return Promise.all(calls.map((call) => call.then(() => 'ok', summary)))
  }

  test('the operator, and a session with its token, are let in', async () => {
    assert.deepEqual(await answers(OPERATOR), ['ok', 'ok', 'ok', 'ok'])
    assert.deepEqual(await answers(SESSION), ['ok', 'ok', 'ok', 'ok'])
  })

  test('paths with encoded ARNs, text with signs in the query', async () => {
    const api = new APIGateway(toy.config())
    await api.getTags({
      resourceArn: 'arn:aws:apigateway:eu-west-1::/restapis/a b+c',
      position: "a b+c%/é*'()!~",
    })
  })

  test('an unknown key', async () => {
    const unknown = await answers({ accessKeyId: 'NOBODY', secretAccessKey: 'x' })
    assert.deepEqual(unknown, TOKEN_INVALID)
  })

  test('a session without its token, or with another', async () => {
    assert.deepEqual(await answers({ ...SESSION, sessionToken: undefined }), TOKEN_INVALID)
    assert.deepEqual(await answers({ ...SESSION, sessionToken: 'other' }), TOKEN_INVALID)
    assert.deepEqual(await answers({ ...OPERATOR, sessionToken: 'other' }), TOKEN_INVALID)
  })

  test('an expired token', async () => {
    const message = 'The security token included in the request is expired'
    assert.deepEqual(await answers(EXPIRED), [
      `400 ExpiredTokenException: ${message}`,
      `403 ExpiredTokenException: ${message}`,
      `403 ExpiredToken: ${message}`,
      `403 ExpiredToken: ${message}`,
    ])
  })

  test('a wrong secret, and anything that was changed after signing', async () => {
    assert.deepEqual(await answers({ ...OPERATOR, secretAccessKey: 'wrong' }), SIGNATURE_WRONG)
    const another = await answers(OPERATOR, (request) => {
      request.headers['x-amz-user-agent'] = 'another'
      request.query.more = '1'
    })
    assert.deepEqual(another, SIGNATURE_WRONG)
    const bodies = await answers(OPERATOR, (request) => {
      request.body = 'another body'
      request.headers['content-length'] = '12'
    })
    assert.deepEqual(bodies, SIGNATURE_WRONG)
  })

  test('a date that is more than 15 minutes off', async () => {
    const old = await answers(OPERATOR, undefined, { systemClockOffset: -16 * 60_000 })
    const late = / is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)$/
    for (const answer of old) assert.match(answer, late)
    assert.match(old[0]!, /^400 InvalidSignatureException: Signature expired: /)
    assert.match(old[3]!, /^403 SignatureDoesNotMatch: Signature expired: /)
    const early = await answers(OPERATOR, undefined, { systemClockOffset: 16 * 60_000 })
    for (const answer of early)
      assert.match(answer, /Signature not yet current: .* is still later than .* \+ 15 min\.\)$/)
    assert.deepEqual(await answers(OPERATOR, undefined, { systemClockOffset: -14 * 60_000 }), [
      'ok',
      'ok',
      'ok',
      'ok',
    ])
  })

  test('an authorization header with gaps', async () => {
    const gaps = await answers(OPERATOR, ({ headers }) => {
      headers.authorization = headers.authorization!.replace(/, Signature=.*/, '')
    })
    const codes = gaps.map((answer) => answer.split(':')[0])
    const json = 'IncompleteSignatureException'
    assert.deepEqual(codes, [
      `400 ${json}`,
      `403 ${json}`,
      '400 IncompleteSignature',
      '400 IncompleteSignature',
    ])
    assert.match(gaps[0]!, /Authorization header requires 'Signature' parameter\./)
  })

  test('an authorization header that names no service', async () => {
    const spoilt = (header: string) =>
      answers(OPERATOR, ({ headers }) => {
        headers.authorization = header
      })
    for (const header of ['AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA256 SignedHeaders=host, Signature=ab']) {
      const told = await spoilt(header)
      assert.match(told[0]!, /^400 IncompleteSignatureException: Authorization header requires 'Credential'/)
      assert.match(told[1]!, /^403 IncompleteSignatureException: Authorization header requires 'Credential'/)
      assert.match(told[3]!, /^400 IncompleteSignature: Authorization header requires 'Credential'/)
    }
    const [torn] = await spoilt('AWS4-HMAC-SHA256 Credential=AKIA/20261123/eu-west-1')
    assert.match(
      torn!,
      /Credential must have exactly 5 slash-delimited elements.*got 'AKIA\/20261123\/eu-west-1'/,
    )
  })

  test('no authorization at all', async () => {
    const unsigned = await answers(OPERATOR, ({ headers }) => {
      delete headers.authorization
    })
    const missing = 'Request is missing Authentication Token'
    assert.deepEqual(unsigned.slice(0, 2), [
      `400 MissingAuthenticationTokenException: ${missing}`,
      '403 MissingAuthenticationTokenException: Missing Authentication Token',
    ])
    assert.equal(unsigned[3], `403 MissingAuthenticationToken: ${missing}`)
  })

  test('a service that is not here is 501, and the answer names those that are', async () => {
    const [answer] = await answers(OPERATOR, ({ headers }) => {
      headers.authorization = headers.authorization!.replace('/acm/', '/s3/')
    })
    assert.match(
      answer!,
      /^501 NotImplemented: The local cloud does not serve 's3'\. It serves acm, apigateway, route53, iam\./,
    )
  })
})

const INVALID = 'The security token included in the request is invalid.'
const TOKEN_INVALID = [
  `400 UnrecognizedClientException: ${INVALID}`,
  `403 UnrecognizedClientException: ${INVALID}`,
  `403 InvalidClientTokenId: ${INVALID}`,
  `403 InvalidClientTokenId: ${INVALID}`,
]
const DIFFERS =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access ' +
  'Key and signing method. Consult the service documentation for details.'
const SIGNATURE_WRONG = [
  `400 InvalidSignatureException: ${DIFFERS}`,
  `403 InvalidSignatureException: ${DIFFERS}`,
  `403 SignatureDoesNotMatch: ${DIFFERS}`,
  `403 SignatureDoesNotMatch: ${DIFFERS}`,
]

const summary = (error: Error & { $metadata?: { httpStatusCode?: number } }) =>
  `${error.$metadata?.httpStatusCode} ${error.name}: ${error.message}`

/** Changes each request of the client between its signing and its sending. */
function spoilAfterSigning(client: ACM | APIGateway | Route53 | IAM, spoil: Spoil): void {
  const middleware = (next: (args: unknown) => unknown) => (args: { request: Signed }) => {
    spoil(args.request)
    return next(args)
  }
  // The clients' stacks differ only in the types of their inputs, which are not looked at here.
  client.middlewareStack.addRelativeTo(middleware as never, {
    relation: 'after',
    toMiddleware: 'httpSigningMiddleware',
    name: 'spoil',
  })
}
