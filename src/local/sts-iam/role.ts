// Roles as they are kept: what the caller has set, and since when the rest of AWS acts on it. The operations on them
// are in role-operation.ts and role-policy-operation.ts, the questions of other services in iam.ts.
import type { Role, Tag } from '@aws-sdk/client-iam'
import { type Turnstile, turnstile } from '../turnstile.js'
import { AwsError } from '../wire/errors.js'
import type { Collection, World } from '../world.js'

/** The policies of a role from one instant on. */
export interface Snapshot {
  /** Epoch milliseconds. */
  readonly at: number
  readonly trust: string
  /** Documents by name. */
  readonly inline: Readonly<Record<string, string>>
  /** ARNs of managed policies. */
  readonly attached: readonly string[]
  readonly boundary?: string
}

export interface RoleRecord {
  readonly name: string
  readonly path: string
  readonly arn: string
  readonly roleId: string
  /** Epoch milliseconds. */
  readonly createdAt: number
  readonly description?: string
  readonly maxSessionSeconds: number
  /** The service that made the role for itself: nobody else may change it. */
  readonly linkedTo?: string
  readonly tags: readonly { readonly Key: string; readonly Value: string }[]
  readonly trust: string
  readonly inline: Readonly<Record<string, string>>
  readonly attached: readonly string[]
  readonly boundary?: string
  /** What is in effect, oldest first: the last one whose instant has come, then those on their way. */
  readonly snapshots: readonly Snapshot[]
}

/** All roles of the account. */
export interface Roles {
  /** Throws NoSuchEntity. */
  get(name: string): RoleRecord
  find(name: string): RoleRecord | undefined
  byArn(arn: string): RoleRecord | undefined
  all(): RoleRecord[]
  readonly count: number
  save(role: RoleRecord): void
  /** Saves a role whose policies have changed: they take effect after `takes(what)`. */
  saveChanged(role: RoleRecord, what?: 'iam.policy-effective' | 'iam.role-assumable'): void
  delete(role: RoleRecord): void
  /** By the roles' names in small letters. */
  readonly change: Turnstile
  /** What the rest of AWS sees of the role now; undefined while the role itself is too fresh. */
  inEffect(role: RoleRecord): Snapshot | undefined
}

// AWS: names that differ only in case are one name.
const keyOf = (name: string) => name.toLowerCase()

const concurrentModification = () =>
  new AwsError(
    'ConcurrentModification',
    'The request was rejected because multiple requests to change this object were submitted simultaneously. Wait a few minutes and submit your request again.',
    409,
  )

type Changes = Readonly<Record<string, (input: never) => object>>

/** AWS: of two changes of one role at the same time, the later one is refused. */
export function oneAtATime<C extends Changes>(roles: Roles, changes: C) {
  const guarded = Object.entries(changes).map(([operation, change]) => [
    operation,
    (input: { RoleName?: string }) => roles.change(keyOf(input.RoleName ?? ''), () => change(input as never)),
  ])
  return Object.fromEntries(guarded) as {
    [O in keyof C]: (input: Parameters<C[O]>[0]) => Promise<ReturnType<C[O]>>
  }
}

/** The roles kept in the world's store. */
export function rolesOf(world: World): Roles {
  const kept: Collection<RoleRecord> = world.store.collection('iam.role')
  const find = (name: string) => kept.get(keyOf(name))

  return {
    find,
    get(name) {
      const role = find(name)
      if (role) return role
      throw new AwsError('NoSuchEntity', `The role with name ${name} cannot be found.`, 404)
    },
    byArn(arn) {
      const role = find(arn.slice(arn.lastIndexOf('/') + 1))
      return role?.arn === arn ? role : undefined
    },
    all: () => [...kept.values()],
    get count() {
      return kept.size
    },
    save: (role) => kept.set(keyOf(role.name), role),
    saveChanged(role, what = 'iam.policy-effective') {
      kept.set(keyOf(role.name), { ...role, snapshots: nextSnapshots(world, role, what) })
    },
    delete: (role) => kept.delete(keyOf(role.name)),
    change: turnstile(concurrentModification),
    inEffect: ({ snapshots }) => snapshots.findLast(({ at }) => at <= world.clock.now()),
  }
}

function nextSnapshots(world: World, role: RoleRecord, what: 'iam.policy-effective' | 'iam.role-assumable') {
  const { trust, inline, attached, boundary, snapshots } = role
  const now = world.clock.now()
  const current = snapshots.findLastIndex(({ at }) => at <= now)
  const kept = snapshots.slice(Math.max(current, 0))
  // Changes arrive in the order in which they were made.
  const at = Math.max(world.clock.after(world.takes(what)), kept.at(-1)?.at ?? 0)
  return [...kept, { at, trust, inline, attached, ...(boundary && { boundary }) }]
}

// AWS: documents come back URL-encoded by RFC 3986.
export function encoded(document: string): string {
  return encodeURIComponent(document).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** The role as ListRoles shows it. AWS: without tags, boundary or last use. */
export function summary(role: RoleRecord): Role {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.roleId,
    Arn: role.arn,
    CreateDate: new Date(role.createdAt),
    AssumeRolePolicyDocument: encoded(role.trust),
    MaxSessionDuration: role.maxSessionSeconds,
    ...(role.description !== undefined && { Description: role.description }),
  }
}

/** The role as CreateRole shows it. AWS: without the session's length. */
export function created(role: RoleRecord): Role {
  const { MaxSessionDuration: _, ...shown } = detail(role)
  return shown
}

/** The role as GetRole shows it, but for its last use. */
export function detail(role: RoleRecord): Role {
  return {
    ...summary(role),
    ...(role.tags.length && { Tags: role.tags as Tag[] }),
    ...(role.boundary && {
      PermissionsBoundary: {
        PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
        PermissionsBoundaryArn: role.boundary,
      },
    }),
  }
}
