// IAM's operations on roles themselves and on their tags. Those on the policies of a role are in
// role-policy-operation.ts.
import type {
  CreateRoleRequest,
  CreateServiceLinkedRoleRequest,
  DeleteRoleRequest,
  GetRoleRequest,
  ListRolesRequest,
  ListRoleTagsRequest,
  TagRoleRequest,
  UntagRoleRequest,
  UpdateAssumeRolePolicyRequest,
  UpdateRoleRequest,
} from '@aws-sdk/client-iam'
import { AwsError } from '../wire/errors.js'
import type { World } from '../world.js'
import { uniqueId } from './identifier.js'
import { documentOf, nameOf, page, pathOf, type RoleTag, tagsOf } from './input.js'
import { serviceLinkedRole } from './managed-policy.js'
import { parseTrustPolicy } from './policy.js'
import { created, detail, oneAtATime, type RoleRecord, type Roles, summary } from './role.js'
import { attachablePolicyOf } from './role-policy-operation.js'

// AWS: quotas of an account and of a role.
const ROLES_PER_ACCOUNT = 1000
const TAGS_PER_ROLE = 50
const LONGEST_TRUST_POLICY = 2048
const DEFAULT_SESSION_SECONDS = 3600

const limitExceeded = (message: string) => new AwsError('LimitExceeded', message, 409)

/** CreateRole and its kin. `forget` is told of each role that is deleted. */
export function roleOperations(world: World, roles: Roles, forget: (role: RoleRecord) => void) {
  const changeable = (name: string | undefined) => changeableRole(roles, name)

  return {
    CreateRole(input: CreateRoleRequest) {
      const name = nameOf('roleName', input.RoleName)
      const path = pathOf(input.Path)
      const trust = trustOf('assumeRolePolicyDocument', input.AssumeRolePolicyDocument)
      const tags = tagsOf(input.Tags)
      if (roles.find(name)) {
        throw new AwsError('EntityAlreadyExists', `Role with name ${name} already exists.`, 409)
      }
      const boundary =
        input.PermissionsBoundary && attachablePolicyOf('Scope ARN:', input.PermissionsBoundary)
      const role: RoleRecord = {
        ...newRole(world, { name, path, trust }),
        ...(input.Description !== undefined && { description: input.Description }),
        maxSessionSeconds: input.MaxSessionDuration ?? DEFAULT_SESSION_SECONDS,
        tags,
        ...(boundary && { boundary }),
      }
      createRole(roles, role)
      return { Role: created(role) }
    },

    GetRole(input: GetRoleRequest) {
      const role = roles.get(nameOf('roleName', input.RoleName))
      // AWS: tracked from some hours after its use on; this cloud does not.
      return { Role: { ...detail(role), RoleLastUsed: {} } }
    },

    ListRoles(input: ListRolesRequest) {
      const prefix = input.PathPrefix ?? '/'
      const matchingRoles = roles.all().filter(({ path }) => path.startsWith(prefix))
      const { items, ...rest } = page(matchingRoles, ({ name }) => name, input)
      return { Roles: items.map(summary), ...rest }
    },

    ListRoleTags(input: ListRoleTagsRequest) {
      const role = roles.get(nameOf('roleName', input.RoleName))
      const { items, ...rest } = page(role.tags, ({ Key }) => Key, input)
      return { Tags: items, ...rest }
    },

    CreateServiceLinkedRole: (input: CreateServiceLinkedRoleRequest) =>
      createServiceLinkedRole(world, roles, input),

    ...oneAtATime(roles, {
      UpdateRole(input: UpdateRoleRequest) {
        const role = changeable(input.RoleName)
        roles.save({
          ...role,
          ...(input.Description !== undefined && { description: input.Description }),
          maxSessionSeconds: input.MaxSessionDuration ?? role.maxSessionSeconds,
        })
        return {}
      },

      DeleteRole(input: DeleteRoleRequest) {
        const role = changeable(input.RoleName)
        if (role.attached.length) throw conflict('must detach all policies first.')
        if (Object.keys(role.inline).length) throw conflict('must delete policies first.')
        roles.delete(role)
        forget(role)
        return {}
      },

      UpdateAssumeRolePolicy(input: UpdateAssumeRolePolicyRequest) {
        const role = changeable(input.RoleName)
        const trust = trustOf('policyDocument', input.PolicyDocument)
        roles.saveChanged({ ...role, trust })
        return {}
      },

      TagRole(input: TagRoleRequest) {
        const role = changeable(input.RoleName)
        const tags = merged(role.tags, tagsOf(input.Tags))
        if (tags.length > TAGS_PER_ROLE) {
          throw limitExceeded('The number of tags has reached the maximum limit.')
        }
        roles.save({ ...role, tags })
        return {}
      },

      UntagRole(input: UntagRoleRequest) {
        const role = changeable(input.RoleName)
        const gone = new Set(input.TagKeys!.map((key) => key.toLowerCase()))
        roles.save({ ...role, tags: role.tags.filter(({ Key }) => !gone.has(Key.toLowerCase())) })
        return {}
      },
    }),
  }
}

/** The role, when it is there and not a service's own. Throws ValidationError, NoSuchEntity, UnmodifiableEntity. */
export function changeableRole(roles: Roles, name: string | undefined): RoleRecord {
  const role = roles.get(nameOf('roleName', name))
  if (!role.linkedTo) return role
  const message = `Cannot perform the operation on the protected role '${role.name}' - this role is only modifiable by AWS`
  throw new AwsError('UnmodifiableEntity', message)
}

function newRole(
  world: World,
  { name, path, trust }: { name: string; path: string; trust: string },
): RoleRecord {
  return {
    name,
    path,
    arn: `arn:aws:iam::${world.account}:role${path}${name}`,
    roleId: uniqueId('AROA'),
    createdAt: world.clock.now(),
    maxSessionSeconds: DEFAULT_SESSION_SECONDS,
    tags: [],
    trust,
    inline: {},
    attached: [],
    snapshots: [],
  }
}

function createRole(roles: Roles, role: RoleRecord): void {
  if (roles.count >= ROLES_PER_ACCOUNT) {
    throw limitExceeded(`Cannot exceed quota for RolesPerAccount: ${ROLES_PER_ACCOUNT}`)
  }
  roles.saveChanged(role, 'iam.role-assumable')
}

function trustOf(member: string, value: string | undefined): string {
  const document = documentOf(member, value)
  parseTrustPolicy(document)
  if (document.replace(/\s/g, '').length > LONGEST_TRUST_POLICY) {
    throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${LONGEST_TRUST_POLICY}`)
  }
  return document
}

const conflict = (what: string) => new AwsError('DeleteConflict', `Cannot delete entity, ${what}`, 409)

function merged(kept: readonly RoleTag[], added: readonly RoleTag[]): RoleTag[] {
  const byKey = new Map([...kept, ...added].map((tag) => [tag.Key.toLowerCase(), tag]))
  return [...byKey.values()]
}

function createServiceLinkedRole(world: World, roles: Roles, input: CreateServiceLinkedRoleRequest) {
  const service = nameOf('AWSServiceName', input.AWSServiceName)
  const known = serviceLinkedRole(service)
  if (!known) {
    throw new AwsError('NotImplemented', `The local cloud knows no service-linked role for ${service}.`, 501)
  }
  if (input.CustomSuffix !== undefined) {
    throw new AwsError('InvalidInput', `Custom suffix is not allowed for ${service}`)
  }
  if (roles.find(known.roleName)) {
    const message = `Service role name ${known.roleName} has been taken in this account, please try a different suffix.`
    throw new AwsError('InvalidInput', message)
  }
  const trust = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ['sts:AssumeRole'], Principal: { Service: [service] } }],
  })
  const role: RoleRecord = {
    ...newRole(world, { name: known.roleName, path: `/aws-service-role/${service}/`, trust }),
    ...(input.Description !== undefined && { description: input.Description }),
    linkedTo: service,
    attached: [known.policyArn],
  }
  createRole(roles, role)
  return { Role: detail(role) }
}
