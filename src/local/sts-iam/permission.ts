// Which IAM actions on which roles IAM's own operations need, and the condition keys of each. They are evaluated in
// evaluate.ts.
//
// AWS: service authorization reference "AWS Identity and Access Management (IAM)".
import type { Want } from '../ports.js'
import { hasTags, keysOrTags, tagKeys, wantOf } from '../wire/want.js'
import { linkedRoleArn } from './linked-role.js'
import type { RoleRecord } from './role.js'

type Input = Readonly<Record<string, unknown>>

/** `find` gives the role that an input names: its ARN has the path, which the input has not. */
export function permissionsOf(
  account: string,
  operation: string,
  input: Input,
  find: (name: string) => RoleRecord | undefined,
): readonly Want[] {
  const resource = resourceOf(account, operation, input, find)
  const main = wantOf(`iam:${operation}`, resource, keysOf(input))
  if (operation !== 'CreateRole' || !hasTags(input.Tags)) return [main]
  return [main, wantOf('iam:TagRole', resource, tagKeys(input.Tags))]
}

function keysOf(input: Input): NonNullable<Want['context']> {
  const { AWSServiceName, PermissionsBoundary, PolicyArn, Tags, TagKeys } = input
  return {
    ...(typeof AWSServiceName === 'string' && { 'iam:AWSServiceName': AWSServiceName }),
    ...(typeof PermissionsBoundary === 'string' && { 'iam:PermissionsBoundary': PermissionsBoundary }),
    ...(typeof PolicyArn === 'string' && { 'iam:PolicyARN': PolicyArn }),
    ...keysOrTags(TagKeys, Tags),
  }
}

function resourceOf(
  account: string,
  operation: string,
  { RoleName, Path, PathPrefix, AWSServiceName }: Input,
  find: (name: string) => RoleRecord | undefined,
): string {
  if (AWSServiceName) return linkedRoleArn(account, String(AWSServiceName))
  const role = typeof RoleName === 'string' ? find(RoleName) : undefined
  if (role && operation !== 'CreateRole') return role.arn
  const path = RoleName === undefined ? (PathPrefix ?? '/') : `${Path ?? '/'}${RoleName}`
  return `arn:aws:iam::${account}:role${path}`
}
