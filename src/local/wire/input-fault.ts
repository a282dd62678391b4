// How each service refuses an input: code, path and wording. Coral's words are the same in all of them but Route 53,
// which checks bodies against an XML schema and answers in that checker's. What is wrong is found by `input.ts`.
import { type Constrained, type Rule, rulesOf } from './constraint.js'
import { AwsError } from './errors.js'
import { notReadable, type Speaker } from './fault.js'

/** One thing that is wrong with an input. */
export interface Problem {
  /** As `tags.1.member.key`. */
  readonly path: string
  readonly value: unknown
  readonly constraint: Constrained | undefined
  readonly isInUrl: boolean
  readonly broken: Broken
}

export type Broken =
  /** `parent`: the structure that lacks it, a member's name or the input shape's. */
  | { readonly rule: 'null'; readonly parent: string; readonly member: string }
  /** Of a list's scalars, a map's keys or its values: all their rules are told at once. */
  | { readonly rule: 'items'; readonly of: 'Member' | 'Map keys' | 'Map value' }
  /** `item`: of a list, the element's name in XML. */
  | { readonly rule: Rule; readonly item?: string | undefined }

// AWS: codes seen in published errors of each service.
const CODES: Readonly<Record<string, string>> = {
  // terraform-provider-aws, fluent-plugin-cloudwatch-logs#223.
  logs: 'InvalidParameterException',
  iam: 'ValidationError',
  sts: 'ValidationError',
  // aws-sdk-kotlin#1314.
  route53: 'InvalidInput',
}

/** The service's error for an input with these problems, at least one. */
export function refusal({ service }: Speaker, operation: string, problems: readonly Problem[]): AwsError {
  const code = CODES[service] ?? 'ValidationException'
  const inBody = problems.find(({ isInUrl }) => !isInUrl)
  const isXml = service === 'route53' && inBody !== undefined && problems.every(({ isInUrl }) => !isInUrl)
  if (isXml) return new AwsError(code, `Invalid XML ; ${inXml(inBody)}`, 400)
  const seen = service === 'route53' ? problems.filter(({ isInUrl }) => isInUrl) : problems
  const told = seen.map((problem) => inCoral(problem, service, operation))
  const count = `${told.length} validation error${told.length > 1 ? 's' : ''} detected: `
  return new AwsError(code, count + told.join('; '), 400)
}

function inCoral(problem: Problem, service: string, operation: string): string {
  const { value, broken, constraint, isInUrl } = problem
  const shown = constraint?.sensitive ? 'Value' : value === null ? 'Value null' : `Value '${javaText(value)}'`
  // AWS: API Gateway names the input before members of the body (LocalStack's tests against AWS).
  const input = `${operation.charAt(0).toLowerCase()}${operation.slice(1)}Input.`
  const path = service === 'apigateway' && !isInUrl ? input + problem.path : problem.path
  return `${shown} at '${path}' failed to satisfy constraint: ${must(broken, constraint, service)}`
}

function must(broken: Broken, constraint: Constrained | undefined, service: string): string {
  if (broken.rule === 'null') return 'Member must not be null'
  if (broken.rule !== 'items') return memberMust(broken.rule, constraint!)
  const all = rulesOf(constraint!).map((rule) => memberMust(rule, constraint!))
  // AWS: Lambda's lists say this as well; ACM's and API Gateway's do not.
  if (service === 'lambda') all.push('Member must not be null')
  return `${broken.of} must satisfy constraint: [${all.join(', ')}]`
}

function memberMust(rule: Rule, { enum: values = [], pattern, min, max }: Constrained): string {
  const words: Record<Rule, string> = {
    enum: `satisfy enum value set: [${values.join(', ')}]`,
    pattern: `satisfy regular expression pattern: ${pattern}`,
    longest: `have length less than or equal to ${max}`,
    shortest: `have length greater than or equal to ${min}`,
    most: `have value less than or equal to ${max}`,
    least: `have value greater than or equal to ${min}`,
  }
  return `Member must ${words[rule]}`
}

/** As Java prints it. AWS: what stands for a structure is unconfirmed. */
function javaText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(javaText).join(', ')}]`
  if (value instanceof Uint8Array)
    return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`
  if (typeof value !== 'object' || value === null || value instanceof String) return String(value)
  if (value instanceof Date) return value.toISOString()
  const members = Object.entries(value).map(([name, member]) => `${name}=${javaText(member)}`)
  return `{${members.join(', ')}}`
}

// AWS: the XML checker stops at the first problem. Since about 2023 line and column stand before its words; these are the
// words without. Seen: the two for lengths and the enum's (terraform-provider-aws#882, aws-operator#360), and that for what
// is missing (nice-route53#8). The others are the same checker's (Xerces), unconfirmed here.
function inXml({ broken, value, constraint }: Problem): string {
  if (broken.rule === 'null') return incomplete(broken.parent, broken.member)
  // Scalars in lists are told one by one.
  const one = broken.rule === 'items' ? rulesOf(constraint!)[0]! : broken.rule
  const text = broken.rule === 'items' && Array.isArray(value) ? String(value.at(-1)) : String(value)
  const { enum: values = [], pattern, min, max, shape } = constraint!
  const facet = (name: string, limit: unknown, length = '') =>
    `cvc-${name}-valid: Value '${text}'${length} is not facet-valid with respect to ${name} '${limit}' for type '${shape}'.`
  if (Array.isArray(value) && broken.rule !== 'items') {
    if (one === 'shortest') return incomplete(shape, broken.item ?? 'member')
    return `cvc-complex-type.2.4.d: Invalid content was found starting with element '${broken.item}'. No child element is expected at this point.`
  }
  const words: Record<Rule, string> = {
    enum:
      `cvc-enumeration-valid: Value '${text}' is not facet-valid with respect to enumeration ` +
      `'[${values.join(', ')}]'. It must be a value from the enumeration.`,
    pattern: facet('pattern', pattern),
    longest: facet('maxLength', max, ` with length = '${text.length}'`),
    shortest: facet('minLength', min, ` with length = '${text.length}'`),
    most: facet('maxInclusive', max),
    least: facet('minInclusive', min),
  }
  return words[one]
}

const incomplete = (parent: string, member: string) =>
  `cvc-complex-type.2.4.b: The content of element '${parent}' is not complete. ` +
  `One of '{"https://route53.amazonaws.com/doc/2013-04-01/":${member}}' is expected.`

// AWS: Coral's names for JSON values.
function jsonName(value: unknown): string {
  if (typeof value === 'string' || value instanceof String) return 'STRING_VALUE'
  if (typeof value === 'number') return Number.isInteger(value) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE'
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE'
  return Array.isArray(value) ? 'START_ARRAY' : 'START_OBJECT'
}

/** A value of another JSON type than the member's. */
export function wrongType(speaker: Speaker, value: unknown, wanted: string): AwsError {
  const found = jsonName(value)
  const isScalar = !found.startsWith('START')
  if (!isScalar) return notReadable(speaker, 'Start of structure or map found where not expected.')
  return notReadable(speaker, `${found} can not be converted to ${wanted}`)
}
