// The grammar of single policy elements: actions, resources, principals. policy.ts puts them together.
import { AwsError } from '../wire/errors.js'

const malformed = (message: string) => new AwsError('MalformedPolicyDocument', message)

/** An action of an identity policy: `*` or `vendor:Name`, with wildcards in the name. */
export function checkAction(action: string): void {
  if (action === '*') return
  const [vendor = '', ...names] = action.split(':')
  if (!names.length) {
    throw malformed('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.')
  }
  if (names.length > 1) throw malformed('Actions/Condition can contain only one colon.')
  if (!/^[a-z0-9.-]+$/i.test(vendor)) throw malformed(`Vendor ${vendor} is not valid`)
}

/** An action of a trust policy. */
export function checkTrustAction(action: string): void {
  const assumes =
    /^sts:(\*|AssumeRole(\*|WithSAML|WithWebIdentity)?|TagSession|SetSourceIdentity|SetContext)$/i
  if (!assumes.test(action)) throw malformed('AssumeRole policy may only specify STS AssumeRole actions.')
}

/** A resource of an identity policy: `*` or an ARN, with wildcards but in its service. */
export function checkResource(resource: string): void {
  if (resource === '*') return
  if (!resource.includes(':')) throw malformed(`Resource ${resource} must be in ARN format or "*".`)
  const [, partition = '', vendor = '', region = '*', account = '*', ...rest] = resource.split(':')
  if (partition !== 'aws' && !/[*?]/.test(partition)) {
    const name = `arn:${partition}:${vendor || '*'}:${region}:${account}:${rest.join(':') || '*'}`
    throw malformed(`Partition "${partition}" is not valid for resource "${name}".`)
  }
  if (!vendor || /[*?]/.test(vendor)) {
    throw malformed('Resource vendor must be fully qualified and cannot contain regexes.')
  }
  if (!resource.startsWith('arn:') || !rest.length) throw malformed('The policy failed legacy parsing')
  if (vendor === 'iam' && region !== '') {
    throw malformed(`IAM resource ${resource} cannot contain region information.`)
  }
}

const PRINCIPAL_NAMES: Readonly<Record<string, RegExp>> = {
  Service: /^[a-z0-9.-]+\.amazonaws\.com$/,
  AWS: /^(\*|\d{12}|arn:aws:(iam|sts)::\d{12}:(root|(user|role|assumed-role)\/.+))$/,
  Federated: /^.+$/,
}

/** The Principal of a trust policy: `*`, or names by kind. Throws MalformedPolicyDocument. */
export function principalsOf(value: unknown): Readonly<Record<string, readonly string[]>> | '*' {
  if (value === '*') return '*'
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed('Syntax errors in policy.')
  }
  const kinds = Object.entries(value).map(([kind, names]) => [kind, principalNames(kind, names)] as const)
  if (!kinds.length) throw malformed('Missing required field Principal cannot be empty!')
  return Object.fromEntries(kinds)
}

function principalNames(kind: string, value: unknown): string[] {
  const names = Array.isArray(value) ? value : [value]
  const allowed = Object.hasOwn(PRINCIPAL_NAMES, kind) ? PRINCIPAL_NAMES[kind] : undefined
  if (!allowed || !names.length || !names.every((name) => typeof name === 'string')) {
    throw malformed('Syntax errors in policy.')
  }
  const invalid = names.find((name) => !allowed.test(name))
  if (invalid !== undefined) {
    throw malformed(`Invalid principal in policy: "${kind === 'Service' ? 'SERVICE' : kind}":"${invalid}"`)
  }
  return names
}
