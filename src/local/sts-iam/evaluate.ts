// Whether policies allow an action: deny beats allow, no word is a denial, a boundary can only take away.
// It knows nothing of roles or sessions; iam.ts finds the policies and fills in the context.
import { type Condition, holds } from './condition.js'
import { type Context, matchesAction, matchesArn } from './pattern.js'

/** A list of patterns, or (`not`) everything but what they match. */
export interface Patterns {
  readonly not: boolean
  readonly patterns: readonly string[]
}

/** One statement of a policy that policy.ts accepted. Trust policies have principals in place of resources. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny'
  readonly actions: Patterns
  readonly resources?: Patterns
  /** Of each kind (`Service`, `AWS`, `Federated`) its names; `*` stands for anyone. */
  readonly principals?: Readonly<Record<string, readonly string[]>> | '*'
  readonly conditions: readonly Condition[]
}

export interface Policy {
  readonly statements: readonly Statement[]
}

/** One request to be decided on. `resource` is an ARN, or `*` for actions that have none. */
export interface Request {
  readonly action: string
  readonly resource: string
  readonly context: Context
}

/** Why a request is denied, in the order in which AWS looks. */
export type Denial = 'explicit-deny' | 'boundary-explicit-deny' | 'implicit-deny' | 'boundary-implicit-deny'

/** What identity policies (and the boundary, where the role has one) say about a request: undefined is a yes. */
export function denialOf(
  policies: readonly Policy[],
  boundary: Policy | undefined,
  request: Request,
): Denial | undefined {
  if (policies.some((policy) => says('Deny', policy, request))) return 'explicit-deny'
  if (boundary && says('Deny', boundary, request)) return 'boundary-explicit-deny'
  if (!policies.some((policy) => says('Allow', policy, request))) return 'implicit-deny'
  if (boundary && !says('Allow', boundary, request)) return 'boundary-implicit-deny'
  return undefined
}

/** Whether a trust policy lets that principal do that action; there is no resource in it. */
export function trusts(
  policy: Policy,
  principal: { readonly kind: 'Service' | 'AWS'; readonly name: string },
  action: string,
  context: Context,
): boolean {
  const speaks = (effect: Statement['effect']) =>
    policy.statements.some(
      ({ effect: given, actions, principals, conditions }) =>
        given === effect &&
        (principals === '*' || (principals?.[principal.kind]?.includes(principal.name) ?? false)) &&
        covers(actions, (pattern) => matchesAction(pattern, action)) &&
        conditions.every((condition) => holds(condition, context)),
    )
  return speaks('Allow') && !speaks('Deny')
}

function says(effect: Statement['effect'], policy: Policy, request: Request): boolean {
  return policy.statements.some((statement) => statement.effect === effect && applies(statement, request))
}

function applies({ actions, resources, conditions }: Statement, request: Request): boolean {
  const { action, resource, context } = request
  return (
    covers(actions, (pattern) => matchesAction(pattern, action)) &&
    (!resources || covers(resources, (pattern) => matchesArn(pattern, resource, context))) &&
    conditions.every((condition) => holds(condition, context))
  )
}

function covers({ not, patterns }: Patterns, matches: (pattern: string) => boolean): boolean {
  return patterns.some(matches) !== not
}

/** The message of AWS's AccessDenied errors for a denial. */
export function accessDenied(principalArn: string, action: string, resource: string, why: Denial): string {
  const because: Record<Denial, string> = {
    'explicit-deny': 'with an explicit deny in an identity-based policy',
    'boundary-explicit-deny': 'with an explicit deny in a permissions boundary',
    'implicit-deny': `because no identity-based policy allows the ${action} action`,
    'boundary-implicit-deny': `because no permissions boundary allows the ${action} action`,
  }
  // AWS: where an action has no resource, Lambda names `*` and the others (Route 53, ACM, ...) name none.
  const named = resource !== '*' || action.startsWith('lambda:')
  const on = named ? ` on resource: ${resource}` : ''
  return `User: ${principalArn} is not authorized to perform: ${action}${on} ${because[why]}`
}
