// The Condition block of a statement: its operators, and the keys that this cloud knows. Everything else about a
// statement is in evaluate.ts; what a policy may say at all is checked by policy.ts when it is put.
//
// AWS: an absent key fails a condition, but passes a negated one, `...IfExists` and `ForAllValues:`.
// (IAM User Guide, policy elements: condition operators)
import { type Context, expand, matchesArn, matchesText } from './pattern.js'

/** One operator on one key of a Condition block: holds when any of the values does. */
export interface Condition {
  /** As written, for instance `ForAnyValue:StringLikeIfExists`. */
  readonly operator: string
  readonly key: string
  readonly values: readonly string[]
}

type Test = (have: string, want: string, context: Context) => boolean

const numbers =
  (test: (have: number, want: number) => boolean): Test =>
  (have, want) =>
    test(Number(have), Number(want))

/** Dates are ISO 8601 or seconds since the epoch. */
const instant = (text: string) => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text))

const dates =
  (test: (have: number, want: number) => boolean): Test =>
  (have, want) =>
    test(instant(have), instant(want))

/** The operators that take a text with its variables filled in. */
const TESTS: Readonly<Record<string, Test>> = {
  stringequals: (have, want) => have === want,
  stringequalsignorecase: (have, want) => have.toLowerCase() === want.toLowerCase(),
  bool: (have, want) => have.toLowerCase() === want.toLowerCase(),
  numericequals: numbers((have, want) => have === want),
  numericlessthan: numbers((have, want) => have < want),
  numericlessthanequals: numbers((have, want) => have <= want),
  numericgreaterthan: numbers((have, want) => have > want),
  numericgreaterthanequals: numbers((have, want) => have >= want),
  dateequals: dates((have, want) => have === want),
  datelessthan: dates((have, want) => have < want),
  datelessthanequals: dates((have, want) => have <= want),
  dategreaterthan: dates((have, want) => have > want),
  dategreaterthanequals: dates((have, want) => have >= want),
}

/** The operators that take a pattern. */
const PATTERN_TESTS: Readonly<Record<string, Test>> = {
  stringlike: (have, want, context) => matchesText(want, have, context),
  // AWS: ArnEquals and ArnLike behave identically.
  arnequals: (have, want, context) => matchesArn(want, have, context),
  arnlike: (have, want, context) => matchesArn(want, have, context),
}

const NEGATED: Readonly<Record<string, string>> = {
  stringnotequals: 'stringequals',
  stringnotequalsignorecase: 'stringequalsignorecase',
  stringnotlike: 'stringlike',
  arnnotequals: 'arnequals',
  arnnotlike: 'arnlike',
  numericnotequals: 'numericequals',
  datenotequals: 'dateequals',
}

// The keys that `iam.ts` or the services' wants fill in. Others are refused when the policy is put: a key that is
// never there would quietly turn every Allow into a denial.
const KEYS = new Set(
  [
    'aws:CurrentTime',
    'aws:EpochTime',
    'aws:PrincipalAccount',
    'aws:PrincipalArn',
    'aws:PrincipalType',
    'aws:RequestedRegion',
    'aws:SourceAccount',
    'aws:TagKeys',
    'aws:userid',
    'aws:username',
    'iam:AWSServiceName',
    'iam:PassedToService',
    'iam:PermissionsBoundary',
    'iam:PolicyARN',
    'lambda:Principal',
    'route53:ChangeResourceRecordSetsActions',
    'route53:ChangeResourceRecordSetsNormalizedRecordNames',
    'route53:ChangeResourceRecordSetsRecordTypes',
  ].map((key) => key.toLowerCase()),
)
const FAMILIES = ['aws:principaltag/', 'aws:requesttag/']

/** Whether this cloud can evaluate that condition key. */
export function knowsKey(key: string): boolean {
  const lower = key.toLowerCase()
  return KEYS.has(lower) || FAMILIES.some((family) => lower.startsWith(family))
}

interface Operator {
  readonly set?: 'forallvalues' | 'foranyvalue'
  readonly name: string
  readonly ifExists: boolean
}

function parse(operator: string): Operator {
  const [, set, name, ifExists] = /^(?:(forallvalues|foranyvalue):)?(.*?)(ifexists)?$/.exec(
    operator.toLowerCase(),
  )!
  return {
    ...(set && { set: set as 'forallvalues' | 'foranyvalue' }),
    name: name!,
    ifExists: ifExists !== undefined,
  }
}

/** Whether AWS has that operator, this cloud has it, or nobody does. */
export function operatorSupport(operator: string): 'supported' | 'unsupported' | 'unknown' {
  const { name } = parse(operator)
  if (['binaryequals', 'ipaddress', 'notipaddress'].includes(name)) return 'unsupported'
  const known = [TESTS, PATTERN_TESTS, NEGATED].some((operators) => Object.hasOwn(operators, name))
  return known || name === 'null' ? 'supported' : 'unknown'
}

/** Whether one condition holds for the request. */
export function holds({ operator, key, values }: Condition, context: Context): boolean {
  const { set, name, ifExists } = parse(operator)
  const have = context.get(key.toLowerCase())
  if (name === 'null')
    return values.some((value) => (have === undefined) === (value.toLowerCase() === 'true'))

  const negated = Object.hasOwn(NEGATED, name)
  if (have === undefined) return ifExists || set === 'forallvalues' || (negated && set === undefined)

  const base = NEGATED[name] ?? name
  const passes = (value: string) => values.some((want) => test(base, value, want, context)) !== negated
  return set === 'forallvalues' ? have.every(passes) : have.some(passes)
}

function test(base: string, have: string, want: string, context: Context): boolean {
  const patternTest = PATTERN_TESTS[base]
  if (patternTest) return patternTest(have, want, context)
  const expanded = expand(want, context)
  return expanded !== undefined && TESTS[base]!(have, expanded, context)
}
