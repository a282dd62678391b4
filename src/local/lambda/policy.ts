// A function's resource policy: its statements in AWS's form, and whether they let API Gateway in.
// The operations on it are permission.ts's.
import type { AddPermissionCommandInput } from '@aws-sdk/client-lambda'
import { invalid, unsupported } from './input.js'

export interface PolicyStatement {
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Principal: '*' | { readonly Service: string } | { readonly AWS: string }
  readonly Action: string
  readonly Resource: string
  readonly Condition?: {
    readonly StringEquals?: { readonly 'AWS:SourceAccount': string }
    readonly ArnLike?: { readonly 'AWS:SourceArn': string }
  }
}

/** The statement that an AddPermission asks for. Throws AWS's errors. */
export function statementOf(input: AddPermissionCommandInput, functionArn: string): PolicyStatement {
  if (input.EventSourceToken) throw unsupported('EventSourceToken')
  if (input.PrincipalOrgID) throw unsupported('PrincipalOrgID')
  if (input.FunctionUrlAuthType || input.InvokedViaFunctionUrl !== undefined)
    throw unsupported('function URLs')
  const { SourceAccount: account, SourceArn: arn } = input
  const condition = {
    ...(account && { StringEquals: { 'AWS:SourceAccount': account } }),
    ...(arn && { ArnLike: { 'AWS:SourceArn': arn } }),
  }
  return {
    Sid: input.StatementId!,
    Effect: 'Allow',
    Principal: principalOf(input.Principal!),
    Action: input.Action!,
    Resource: functionArn,
    ...(Object.keys(condition).length && { Condition: condition }),
  }
}

function principalOf(principal: string): PolicyStatement['Principal'] {
  if (principal === '*') return '*'
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` }
  if (/^arn:aws:(iam|sts)::\d{12}:/.test(principal)) return { AWS: principal }
  if (/^[a-z0-9.-]+\.amazonaws\.com$/.test(principal)) return { Service: principal }
  throw invalid('The provided principal was invalid. Please check the principal and try again.')
}

/** A service that wants to invoke, on behalf of one of its resources. */
export interface Caller {
  readonly service: string
  readonly sourceArn: string
  readonly sourceAccount: string
}

/** Whether any statement lets this caller invoke. */
export function allowsInvoke(policy: readonly PolicyStatement[], caller: Caller): boolean {
  return policy.some(({ Principal: principal, Action: action, Condition: condition }) => {
    const service = typeof principal === 'object' && 'Service' in principal ? principal.Service : principal
    if (service !== '*' && service !== caller.service) return false
    if (!['lambda:InvokeFunction', 'lambda:*', '*'].includes(action)) return false
    const account = condition?.StringEquals?.['AWS:SourceAccount']
    if (account !== undefined && account !== caller.sourceAccount) return false
    const arn = condition?.ArnLike?.['AWS:SourceArn']
    return arn === undefined || arnLike(arn, caller.sourceArn)
  })
}

/** AWS: ArnLike compares the six parts of an ARN one by one; `*` and `?` are wildcards inside of a part. */
export function arnLike(pattern: string, arn: string): boolean {
  const wanted = partsOf(pattern)
  const given = partsOf(arn)
  return wanted.length === given.length && wanted.every((part, index) => wildcard(part).test(given[index]!))
}

function partsOf(arn: string): string[] {
  const parts = arn.split(':')
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')]
}

function wildcard(part: string): RegExp {
  const source = part
    .replace(/[\\^$.+()[\]{}|/-]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's')
}
