// An API's resource policy: what of it this model understands, and whether it lets a request through. Every caller is
// anonymous here, as methods have no authorization. Roles' policies are IAM's.
import { AwsError } from '../wire/errors.js'
import { badRequest, unsupported } from './refusal.js'

interface Statement {
  readonly Effect: 'Allow' | 'Deny'
  readonly Resource: string | readonly string[]
}

export interface PolicyPlace {
  readonly region: string
  readonly account: string
  readonly restApiId: string
}

const ACTIONS = ['execute-api:Invoke', 'execute-api:*', '*']

/** The policy as it is kept: canonical JSON with whole ARNs. Throws BadRequestException for what is not understood. */
export function makePolicy(text: string, place: PolicyPlace): string {
  const policy = parse(text)
  const statements = listOf(policy.Statement)
  if (!statements.length) throw badRequest('Invalid policy document. Please check the policy syntax.')
  return JSON.stringify({ ...policy, Statement: statements.map((each) => makeStatement(each, place)) })
}

function parse(text: string): Record<string, unknown> {
  try {
    const policy: unknown = JSON.parse(text)
    if (typeof policy === 'object' && policy !== null) return policy as Record<string, unknown>
  } catch {
    // Answered below, as any other text that is no policy.
  }
  throw badRequest('Invalid policy document. Please check the policy syntax.')
}

function makeStatement(statement: unknown, place: PolicyPlace): Statement {
  const { Sid, Effect, Principal, Action, Resource, ...others } = statement as Record<string, unknown>
  const [unknown] = Object.keys(others)
  if (unknown) throw unsupported(`${unknown} in the policy of an API`)
  if (Effect !== 'Allow' && Effect !== 'Deny') {
    throw badRequest('Invalid policy document. Please check the policy syntax.')
  }
  if (Principal !== '*' && JSON.stringify(Principal) !== '{"AWS":"*"}') {
    throw unsupported('a Principal other than * in the policy of an API: methods have no authorization')
  }
  if (!listOf(Action).length || !listOf(Action).every((each) => ACTIONS.includes(String(each)))) {
    throw unsupported('actions other than execute-api:Invoke in the policy of an API')
  }
  const resources = listOf(Resource).map((each) => wholeArn(String(each), place))
  if (!resources.length) throw badRequest('Invalid policy document. Please check the policy syntax.')
  return { ...(Sid !== undefined && { Sid }), Effect, Principal, Action, Resource: resources } as Statement
}

const listOf = (value: unknown): unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]

// AWS: `execute-api:/stage/GET/path` is short for the API's own ARN.
const wholeArn = (resource: string, { region, account, restApiId }: PolicyPlace) =>
  resource.replace(/^execute-api:\//, `arn:aws:execute-api:${region}:${account}:${restApiId}/`)

/** Throws AccessDeniedException (403) in AWS's words when the policy does not let anybody invoke that method ARN. */
export function checkPolicy(policy: string, methodArn: string): void {
  const statements = (JSON.parse(policy) as { Statement: Statement[] }).Statement
  const matching = statements.filter(({ Resource }) =>
    listOf(Resource).some((pattern) => matches(String(pattern), methodArn)),
  )
  if (matching.some(({ Effect }) => Effect === 'Deny')) throw denied(methodArn, ' with an explicit deny')
  if (!matching.length) throw denied(methodArn, '')
}

function matches(pattern: string, arn: string): boolean {
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, (letter) =>
    letter === '*' ? '.*' : letter === '?' ? '.' : `\\${letter}`,
  )
  return new RegExp(`^${source}$`, 's').test(arn)
}

// AWS: the account is shown by its last four digits.
const denied = (methodArn: string, how: string) =>
  new AwsError(
    'AccessDeniedException',
    `User: anonymous is not authorized to perform: execute-api:Invoke on resource: ${methodArn.replace(/:\d{8}(\d{4}):/, ':********$1:')}${how}`,
    403,
  )
