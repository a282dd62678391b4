// IAM: roles and their policies, and the answers to what everybody asks it: whose key is this, may they do that, can
// Lambda assume this role. The account's operator may do everything. Users, groups and customer managed policies
// are not here; STS is in sts.ts.
import type { IamPort, LocalService, Principal } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import type { World } from '../world.js'
import { accessDenied, type Denial, denialOf, type Policy, trusts } from './evaluate.js'
import { managedPolicy } from './managed-policy.js'
import type { Context } from './pattern.js'
import { parseIdentityPolicy, parseTrustPolicy } from './policy.js'
import { type RoleRecord, rolesOf, type Snapshot } from './role.js'
import { changeableRole, roleOperations } from './role-operation.js'
import { rolePolicyOperations } from './role-policy-operation.js'
import { type AccessKey, type Credential, sessionsIn } from './session.js'

/** Whether a call is allowed; if not, why, and AWS's message of AccessDenied. */
export type Decision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly why: Denial; readonly explicit: boolean; readonly message: string }

/** Condition keys that the caller knows better; IAM fills in the principal's, the time's, and the resource's region. */
export type CallContext = Readonly<Record<string, string | readonly string[]>>

export interface IamService extends LocalService, IamPort {
  /** `action` as `dynamodb:GetItem`, `resource` an ARN or `*`. */
  decide(principal: Principal, action: string, resource: string, context?: CallContext): Decision
  /** Whose key that is: the operator's, or a session's. Undefined for any other. */
  credentialsOf(accessKeyId: string): Credential | undefined
}

const LAMBDA = { kind: 'Service', name: 'lambda.amazonaws.com' } as const

/** The service, for all regions. `operator` is the key of the account's own user. */
export function iamService(world: World, operator: AccessKey): IamService {
  const roles = rolesOf(world)
  const sessions = sessionsIn(world.account)
  const operations = {
    ...roleOperations(world, roles, sessions.end),
    ...rolePolicyOperations(roles, (name) => changeableRole(roles, name)),
  }

  return {
    name: 'iam',
    operations,
    authorize: (operation, input) => [
      { action: `iam:${operation}`, resource: resourceOf(world.account, input, (name) => roles.find(name)) },
    ],

    decide(principal, action, resource, context = {}) {
      if (principal.roleName === undefined) return { allowed: true }
      const role = roles.find(principal.roleName)
      const snapshot = role && roles.inEffect(role)
      const request = { action, resource, context: contextOf(world, { principal, role, resource }, context) }
      const why = snapshot ? denialOf(policiesOf(snapshot), boundaryOf(snapshot), request) : 'implicit-deny'
      if (!why) return { allowed: true }
      const message = accessDenied(principal.arn, action, resource, why)
      return { allowed: false, why, explicit: why.endsWith('explicit-deny'), message }
    },

    credentialsOf(accessKeyId) {
      if (accessKeyId !== operator.accessKeyId) return sessions.find(accessKeyId)
      return { ...operator, principal: { arn: `arn:aws:iam::${world.account}:user/operator` } }
    },

    lambdaRole(roleArn) {
      const role = roles.byArn(roleArn)
      if (!role) return 'absent'
      const snapshot = roles.inEffect(role)
      const context: Context = new Map([['aws:sourceaccount', [world.account]]])
      const trusted = snapshot && trusts(parseTrustPolicy(snapshot.trust), LAMBDA, 'sts:AssumeRole', context)
      return trusted ? 'assumable' : 'not-yet'
    },

    session(roleArn, sessionName) {
      const role = roles.byArn(roleArn)
      if (role) return sessions.open(role, sessionName)
      throw new AwsError('NoSuchEntity', `The role ${roleArn} cannot be found.`, 404)
    },
  }
}

function policiesOf({ inline, attached }: Snapshot): Policy[] {
  const managed = attached.map((arn) => managedPolicy(arn)).filter((document) => document !== undefined)
  return [...Object.values(inline), ...managed].map(parseIdentityPolicy)
}

function boundaryOf({ boundary }: Snapshot): Policy | undefined {
  const document = boundary && managedPolicy(boundary)
  return document ? parseIdentityPolicy(document) : undefined
}

interface Asked {
  readonly principal: Principal
  readonly role: RoleRecord | undefined
  readonly resource: string
}

function contextOf(world: World, { principal, role, resource }: Asked, given: CallContext): Context {
  const region = resource.split(':')[3]
  const now = new Date(world.clock.now())
  const keys: CallContext = {
    'aws:CurrentTime': now.toISOString(),
    'aws:EpochTime': String(Math.floor(now.getTime() / 1000)),
    'aws:PrincipalAccount': world.account,
    // AWS: for a session this is the role's ARN, not the session's.
    'aws:PrincipalArn': role?.arn ?? principal.arn,
    'aws:PrincipalType': 'AssumedRole',
    ...(region && { 'aws:RequestedRegion': region }),
    'aws:userid': `${role?.roleId}:${principal.arn.split('/').at(-1)}`,
    ...Object.fromEntries((role?.tags ?? []).map(({ Key, Value }) => [`aws:PrincipalTag/${Key}`, Value])),
    ...given,
  }
  return new Map(Object.entries(keys).map(([key, value]) => [key.toLowerCase(), [value].flat()]))
}

function resourceOf(
  account: string,
  { RoleName, PathPrefix, AWSServiceName }: Record<string, unknown>,
  find: (name: string) => RoleRecord | undefined,
): string {
  const role = typeof RoleName === 'string' ? find(RoleName) : undefined
  if (role) return role.arn
  const path = AWSServiceName ? `/aws-service-role/${AWSServiceName}/*` : (PathPrefix ?? `/${RoleName ?? ''}`)
  return `arn:aws:iam::${account}:role${path}`
}
