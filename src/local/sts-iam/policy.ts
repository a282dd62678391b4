// Policy documents: from the text that a caller sends to statements, or AWS's refusal. What is right on AWS but beyond
// this cloud is refused as such (501), never accepted and ignored. What a policy means is in evaluate.ts.
import { AwsError } from '../wire/errors.js'
import { type Condition, knowsKey, operatorSupport } from './condition.js'
import type { Patterns, Policy, Statement } from './evaluate.js'
import { variablesIn } from './pattern.js'
import { checkAction, checkResource, checkTrustAction, principalsOf } from './policy-element.js'

type Json = Record<string, unknown>

const malformed = (message: string) => new AwsError('MalformedPolicyDocument', message)
const SYNTAX = 'Syntax errors in policy.'

const DOCUMENT_MEMBERS = ['Version', 'Id', 'Statement']
const STATEMENT_MEMBERS = ['Sid', 'Effect', 'Action', 'NotAction', 'Condition']

/** A policy about what its holder may do: inline, managed or boundary. Throws MalformedPolicyDocument. */
export function parseIdentityPolicy(text: string): Policy {
  const document = documentOf(text, SYNTAX)
  // AWS: identity policies are refused in the older version, and without one.
  if (document.Version !== '2012-10-17')
    throw malformed('Policy document must be version 2012-10-17 or greater.')
  return { statements: statementsOf(document).map(identityStatement) }
}

/** A policy about who may assume the role. Throws MalformedPolicyDocument. */
export function parseTrustPolicy(text: string): Policy {
  const document = documentOf(text, 'This policy contains invalid Json')
  return { statements: statementsOf(document).map(trustStatement) }
}

function documentOf(text: string, invalidJson: string): Json {
  const document = jsonOf(text)
  if (document === undefined) throw malformed(invalidJson)
  if (!isObject(document)) throw malformed(SYNTAX)
  const { Version, Id } = document
  const known = Object.keys(document).every((member) => DOCUMENT_MEMBERS.includes(member))
  const versioned = Version === undefined || Version === '2008-10-17' || Version === '2012-10-17'
  if (!known || !versioned || !(Id === undefined || typeof Id === 'string')) throw malformed(SYNTAX)
  return document
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function statementsOf({ Statement }: Json): Json[] {
  const statements = Array.isArray(Statement) ? Statement : [Statement]
  if (!statements.length || !statements.every(isObject)) throw malformed(SYNTAX)
  const sids = statements.map(({ Sid }) => Sid).filter((sid) => sid !== undefined && sid !== '')
  if (sids.some((sid) => typeof sid !== 'string')) throw malformed(SYNTAX)
  if (new Set(sids).size < sids.length) {
    throw malformed('Statement IDs (SID) in a single policy must be unique.')
  }
  return statements
}

function identityStatement(json: Json): Statement {
  if ('Principal' in json || 'NotPrincipal' in json) {
    throw malformed('Policy document should not specify a principal.')
  }
  const common = commonOf(json, [...STATEMENT_MEMBERS, 'Resource', 'NotResource'])
  const resources = patternsOf(json, 'Resource')
  if (!resources) throw malformed('Policy statement must contain resources.')
  for (const resource of resources.patterns) {
    checkResource(resource)
    checkVariables(resource)
  }
  for (const action of common.actions.patterns) checkAction(action)
  return { ...common, resources }
}

function trustStatement(json: Json): Statement {
  for (const prohibited of ['Resource', 'NotResource', 'NotPrincipal']) {
    if (prohibited in json) throw malformed(`Has prohibited field ${prohibited}`)
  }
  if (!('Principal' in json)) throw malformed('Missing required field Principal')
  const common = commonOf(json, [...STATEMENT_MEMBERS, 'Principal'])
  for (const action of common.actions.patterns) checkTrustAction(action)
  return { ...common, principals: principalsOf(json.Principal) }
}

function commonOf(json: Json, members: string[]): Pick<Statement, 'effect' | 'actions' | 'conditions'> {
  if (!Object.keys(json).every((member) => members.includes(member))) throw malformed(SYNTAX)
  const { Effect } = json
  if (Effect !== 'Allow' && Effect !== 'Deny') throw malformed(SYNTAX)
  const actions = patternsOf(json, 'Action')
  if (!actions) throw malformed('Policy statement must contain actions.')
  return { effect: Effect, actions, conditions: conditionsOf(json.Condition) }
}

/** The list under `Action` or `NotAction` (and so on); undefined when there is none, or it is empty. */
function patternsOf(json: Json, member: 'Action' | 'Resource'): Patterns | undefined {
  const not = `Not${member}` in json
  if (not && member in json) throw malformed(SYNTAX)
  const value = json[not ? `Not${member}` : member]
  if (value === undefined) return undefined
  const patterns = Array.isArray(value) ? value : [value]
  if (!patterns.every((pattern) => typeof pattern === 'string')) throw malformed(SYNTAX)
  return patterns.length ? { not, patterns } : undefined
}

function conditionsOf(json: unknown): Condition[] {
  if (json === undefined) return []
  if (!isObject(json)) throw malformed(SYNTAX)
  return Object.entries(json).flatMap(([operator, keys]) => {
    if (!isObject(keys) || operatorSupport(operator) === 'unknown') throw malformed(SYNTAX)
    return Object.entries(keys).map(([key, values]) => conditionOf(operator, key, values))
  })
}

function conditionOf(operator: string, key: string, value: unknown): Condition {
  const values = Array.isArray(value) ? value : [value]
  if (!values.every((one) => ['string', 'number', 'boolean'].includes(typeof one))) throw malformed(SYNTAX)
  if (!key.includes(':')) {
    throw malformed('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.')
  }
  if (operatorSupport(operator) === 'unsupported') throw beyond(`condition operator ${operator}`)
  if (!knowsKey(key)) throw beyond(`condition key ${key}`)
  const texts = values.map(String)
  for (const text of texts) checkVariables(text)
  return { operator, key, values: texts }
}

function checkVariables(text: string): void {
  const unknown = variablesIn(text).find((key) => !knowsKey(key))
  if (unknown !== undefined) throw beyond(`policy variable \${${unknown}}`)
}

const beyond = (what: string) =>
  new AwsError('NotImplemented', `The local cloud cannot evaluate the ${what} in a policy.`, 501)

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
