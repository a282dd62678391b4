// IAM: roles and their policies, and the answers to what everybody asks it: whose key is this, may they do that, can
// Lambda assume this role. The account's operator may do everything, or what operator.ts holds it to. Users, groups and
// customer managed policies are not here; STS is in sts.ts.
import type { IamPort, LinkedRolesPort, LocalService, Principal } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import type { World } from '../world.js'
import { accessDenied, type Denial, denialOf, type Policy, type Request, trusts } from './evaluate.js'
import { userId } from './identifier.js'
import { linkedRoles } from './linked-role.js'
import { managedPolicy } from './managed-policy.js'
import { type Operator, operatorOf } from './operator.js'
import type { Context } from './pattern.js'
import { permissionsOf } from './permission.js'
import { parseIdentityPolicy, parseTrustPolicy } from './policy.js'
import { type RoleRecord, rolesOf, type Snapshot } from './role.js'
import { changeableRole, roleOperations } from './role-operation.js'
import { rolePolicyOperations } from './role-policy-operation.js'
import { type AccessKey, type Credential, sessionsIn } from './session.js'

/** Whether a call is allowed; if not, why, and AWS's message of AccessDenied. */
export type Decision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly why: Denial; readonly explicit: boolean; readonly message: string }

/** Condition keys that the caller knows; IAM fills in the principal's, the time's, and, as a default, the resource's region. */
export type CallContext = Readonly<Record<string, string | readonly string[]>>

export interface IamService extends LocalService, IamPort, LinkedRolesPort {
  /** The account's own user, and what it is held to. */
  readonly operator: Operator
  /** Whether calls of that principal are decided on; all others may do everything. */
  isChecked(principal: Principal): boolean
  /** `action` as `dynamodb:GetItem`, `resource` an ARN or `*`. */
  decide(principal: Principal, action: string, resource: string, context?: CallContext): Decision
  /** Whose key that is: the operator's, or a session's. Undefined for any other. */
  credentialsOf(accessKeyId: string): Credential | undefined
}

const LAMBDA = { kind: 'Service', name: 'lambda.amazonaws.com' } as const

/** The service, for all regions. `operatorKey` is the key of the account's own user; `enforced` checks his calls, too. */
export function iamService(world: World, operatorKey: AccessKey, enforced = false): IamService {
  const roles = rolesOf(world)
  const operator = operatorOf(world, enforced)
  const sessions = sessionsIn(world.account)
  const operations = {
    ...roleOperations(world, roles, sessions.end),
    ...rolePolicyOperations(roles, (name) => changeableRole(roles, name)),
  }

  /** What its policies say of a role's session; undefined is a yes. */
  function denialOfSession(roleName: string, request: Request): Denial | undefined {
    const role = roles.find(roleName)
    const snapshot = role && roles.inEffect(role)
    return snapshot ? denialOf(policiesOf(snapshot), boundaryOf(snapshot), request) : 'implicit-deny'
  }

  function denialOfOperator(request: Request): Denial | undefined {
    const { policies } = operator
    if (!policies) return undefined
    const why = denialOf(policies, undefined, request)
    operator.count(request.action, !why)
    return why
  }

  function decide(
    principal: Principal,
    action: string,
    resource: string,
    context: CallContext = {},
  ): Decision {
    const { roleName } = principal
    const role = roleName === undefined ? undefined : roles.find(roleName)
    const request = { action, resource, context: contextOf(world, { principal, role, resource }, context) }
    const why = roleName === undefined ? denialOfOperator(request) : denialOfSession(roleName, request)
    if (!why) return { allowed: true }
    const message = accessDenied(principal.arn, action, resource, why)
    return { allowed: false, why, explicit: why.endsWith('explicit-deny'), message }
  }

  return {
    name: 'iam',
    operations,
    operator,
    authorize: (operation, input) =>
      permissionsOf(world.account, operation, input, (name) => roles.find(name)),
    isChecked: ({ roleName }) => roleName !== undefined || operator.policies !== undefined,
    decide,
    ...linkedRoles(world.account, roles, decide, (AWSServiceName) =>
      operations.CreateServiceLinkedRole({ AWSServiceName }),
    ),

    credentialsOf(accessKeyId) {
      if (accessKeyId !== operatorKey.accessKeyId) return sessions.find(accessKeyId)
      return { ...operatorKey, principal: { arn: operator.arn } }
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
    ...(region && { 'aws:RequestedRegion': region }),
    ...(principal.roleName === undefined ? userKeys(principal) : sessionKeys(principal, role)),
    ...given,
  }
  return new Map(Object.entries(keys).map(([key, value]) => [key.toLowerCase(), [value].flat()]))
}

const lastOf = (arn: string) => arn.split('/').at(-1)!

const userKeys = ({ arn }: Principal): CallContext => ({
  'aws:PrincipalType': 'User',
  'aws:userid': userId(arn),
  'aws:username': lastOf(arn),
})

const sessionKeys = ({ arn }: Principal, role: RoleRecord | undefined): CallContext => ({
  'aws:PrincipalType': 'AssumedRole',
  'aws:userid': `${role?.roleId}:${lastOf(arn)}`,
  ...Object.fromEntries((role?.tags ?? []).map(({ Key, Value }) => [`aws:PrincipalTag/${Key}`, Value])),
})
