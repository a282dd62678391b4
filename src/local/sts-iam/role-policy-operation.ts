// IAM's operations on the policies of a role: inline, attached, boundary. What is put here is in effect some seconds
// later (role.ts keeps since when); what a document may say is policy.ts's.
import type {
  AttachRolePolicyRequest,
  DeleteRolePermissionsBoundaryRequest,
  DeleteRolePolicyRequest,
  DetachRolePolicyRequest,
  GetRolePolicyRequest,
  ListAttachedRolePoliciesRequest,
  ListRolePoliciesRequest,
  PutRolePermissionsBoundaryRequest,
  PutRolePolicyRequest,
} from '@aws-sdk/client-iam'
import { AwsError } from '../wire/errors.js'
import { documentOf, nameOf, page, policyArnOf } from './input.js'
import { managedPolicy } from './managed-policy.js'
import { parseIdentityPolicy } from './policy.js'
import { encoded, oneAtATime, type RoleRecord, type Roles } from './role.js'

// AWS: quotas of a role; white space does not count.
const INLINE_BYTES_PER_ROLE = 10_240
const POLICIES_PER_ROLE = 10

const limitExceeded = (message: string) => new AwsError('LimitExceeded', message, 409)

/** PutRolePolicy and its kin. `changeable` finds a role that the caller may change. */
export function rolePolicyOperations(roles: Roles, changeable: (name: string | undefined) => RoleRecord) {
  const readable = (name: string | undefined) => roles.get(nameOf('roleName', name))

  return {
    GetRolePolicy(input: GetRolePolicyRequest) {
      const role = readable(input.RoleName)
      const policyName = nameOf('policyName', input.PolicyName)
      const document = inlineOf(role, policyName)
      return { RoleName: role.name, PolicyName: policyName, PolicyDocument: encoded(document) }
    },

    ListRolePolicies(input: ListRolePoliciesRequest) {
      const names = Object.keys(readable(input.RoleName).inline)
      const { items, ...rest } = page(names, (name) => name, input)
      return { PolicyNames: items, ...rest }
    },

    ListAttachedRolePolicies(input: ListAttachedRolePoliciesRequest) {
      const role = readable(input.RoleName)
      const prefix = input.PathPrefix ?? '/'
      const attached = role.attached.filter((arn) => pathOfPolicy(arn).startsWith(prefix))
      const { items, ...rest } = page(attached, nameOfPolicy, input)
      const AttachedPolicies = items.map((arn) => ({ PolicyName: nameOfPolicy(arn), PolicyArn: arn }))
      return { AttachedPolicies, ...rest }
    },

    ...oneAtATime(roles, {
      PutRolePolicy(input: PutRolePolicyRequest) {
        const role = changeable(input.RoleName)
        const policyName = nameOf('policyName', input.PolicyName)
        const document = documentOf('policyDocument', input.PolicyDocument)
        parseIdentityPolicy(document)
        const inline = { ...role.inline, [policyName]: document }
        if (bytesOf(inline) > INLINE_BYTES_PER_ROLE) {
          throw limitExceeded(
            `Maximum policy size of ${INLINE_BYTES_PER_ROLE} bytes exceeded for role ${role.name}`,
          )
        }
        roles.saveChanged({ ...role, inline })
        return {}
      },

      DeleteRolePolicy(input: DeleteRolePolicyRequest) {
        const role = changeable(input.RoleName)
        const policyName = nameOf('policyName', input.PolicyName)
        inlineOf(role, policyName)
        const { [policyName]: _gone, ...inline } = role.inline
        roles.saveChanged({ ...role, inline })
        return {}
      },

      AttachRolePolicy(input: AttachRolePolicyRequest) {
        const role = changeable(input.RoleName)
        const arn = attachablePolicyOf('Policy', input.PolicyArn)
        if (role.attached.includes(arn)) return {}
        if (role.attached.length >= POLICIES_PER_ROLE) {
          throw limitExceeded(`Cannot exceed quota for PoliciesPerRole: ${POLICIES_PER_ROLE}`)
        }
        roles.saveChanged({ ...role, attached: [...role.attached, arn] })
        return {}
      },

      DetachRolePolicy(input: DetachRolePolicyRequest) {
        const role = changeable(input.RoleName)
        const arn = policyArnOf(input.PolicyArn)
        if (!role.attached.includes(arn)) {
          throw new AwsError('NoSuchEntity', `Policy ${arn} was not found.`, 404)
        }
        roles.saveChanged({ ...role, attached: role.attached.filter((one) => one !== arn) })
        return {}
      },

      PutRolePermissionsBoundary(input: PutRolePermissionsBoundaryRequest) {
        const role = changeable(input.RoleName)
        const boundary = attachablePolicyOf('Scope ARN:', input.PermissionsBoundary)
        roles.saveChanged({ ...role, boundary })
        return {}
      },

      DeleteRolePermissionsBoundary(input: DeleteRolePermissionsBoundaryRequest) {
        const { boundary, ...role } = changeable(input.RoleName)
        if (!boundary) {
          throw new AwsError('NoSuchEntity', `Role ${role.name} has no permissions boundary.`, 404)
        }
        roles.saveChanged(role)
        return {}
      },
    }),
  }
}

/**
 * The ARN of a managed policy that a role can have, attached or as its boundary; `noun` begins AWS's refusal of one
 * that is not there. Throws InvalidInput, NoSuchEntity.
 */
export function attachablePolicyOf(noun: string, value: string | undefined): string {
  const arn = policyArnOf(value)
  if (managedPolicy(arn) !== undefined) return arn
  throw new AwsError('NoSuchEntity', `${noun} ${arn} does not exist or is not attachable.`, 404)
}

function inlineOf(role: RoleRecord, policyName: string): string {
  const document = Object.hasOwn(role.inline, policyName) ? role.inline[policyName] : undefined
  if (document !== undefined) return document
  throw new AwsError('NoSuchEntity', `The role policy with name ${policyName} cannot be found.`, 404)
}

function bytesOf(inline: Readonly<Record<string, string>>): number {
  return Object.values(inline).reduce((sum, document) => sum + document.replace(/\s/g, '').length, 0)
}

const nameOfPolicy = (arn: string) => arn.slice(arn.lastIndexOf('/') + 1)
/** `/` or `/service-role/`: what stands between `policy` and the name. */
const pathOfPolicy = (arn: string) =>
  arn.slice(arn.indexOf(':policy/') + ':policy'.length, arn.lastIndexOf('/') + 1)
