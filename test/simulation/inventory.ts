// Everything that stands in the simulated cloud, read off the services' own store: the truth, with no lag and no state to
// trust. What is whose is `auditor.ts`'s.
import type { Wiring } from './machine.js'

export interface Resource {
  /** Of one life: a table made anew under its name is another one. */
  readonly key: string
  readonly kind: Kind
  readonly region: string
  readonly name: string
  /** Owner tags, or what a comment says; empty where the kind has neither. */
  readonly marks: string
  /** All that can be said of it, but for what changes by itself. */
  readonly content: string
}

export type Kind =
  | 'table'
  | 'role'
  | 'log-group'
  | 'function'
  | 'rest-api'
  | 'deployment'
  | 'stage'
  | 'domain-name'
  | 'mapping'
  | 'certificate'
  | 'health-check'
  | 'policy-version'
  | 'policy-instance'
  | 'record'

// biome-ignore lint/suspicious/noExplicitAny: the records of eight services, each with its own type, read alike.
type Kept = any

const identified = ({ region, id }: Kept) => `${region}/${id}`
const marked = ({ tags }: Kept) => JSON.stringify(tags ?? '')

interface Reading {
  readonly collection: string
  isThere?(record: Kept, now: number): boolean
  key(record: Kept): string
  name(record: Kept): string
  marks?(record: Kept): string
  /** What is told of it; default everything. */
  content?(record: Kept): unknown
}

const READINGS: Readonly<Record<Exclude<Kind, 'record' | 'table'>, Reading>> = {
  role: {
    collection: 'iam.role',
    isThere: ({ linkedTo }) => linkedTo === undefined,
    key: ({ roleId }) => roleId,
    name: ({ name }) => name,
    content: ({ snapshots: _, ...rest }) => rest,
  },
  'log-group': { collection: 'logs.group', key: identified, name: ({ name }) => name },
  function: {
    collection: 'lambda.function',
    key: ({ region, name, createdAt, arn }) => `${region}/${name}/${createdAt ?? arn}`,
    name: ({ name }) => name,
  },
  'rest-api': {
    collection: 'apigateway.rest-api',
    key: identified,
    name: ({ name }) => name,
  },
  deployment: {
    collection: 'apigateway.deployment',
    key: identified,
    name: ({ restApiId }) => restApiId,
    marks: ({ description }) => description ?? '',
  },
  stage: {
    collection: 'apigateway.stage',
    key: ({ region, restApiId, stageName }) => `${region}/${restApiId}/${stageName}`,
    name: ({ stageName }) => stageName,
  },
  'domain-name': {
    collection: 'apigateway.domain-name',
    key: ({ region, regionalDomainName }) => `${region}/${regionalDomainName}`,
    name: ({ name }) => name,
  },
  mapping: {
    collection: 'apigateway.base-path-mapping',
    key: ({ region, domainName, basePath, restApiId }) => `${region}/${domainName}/${basePath}/${restApiId}`,
    name: ({ domainName }) => domainName,
  },
  certificate: {
    collection: 'acm.certificate',
    key: ({ arn }) => arn,
    name: ({ domainName }) => domainName,
    content: ({ arn, names, tags }) => ({ arn, names, tags }),
  },
  'health-check': {
    collection: 'route53.health-check',
    key: ({ id }) => id,
    name: ({ config }) => config.FullyQualifiedDomainName ?? '',
    marks: ({ callerReference }) => callerReference,
  },
  'policy-version': {
    collection: 'route53.traffic-policy',
    isThere: ({ deletedAt }) => deletedAt === undefined,
    key: ({ id, version }) => `${id}/${version}`,
    name: ({ name }) => name,
    marks: ({ comment }) => comment ?? '',
    content: ({ id, version, document, comment }) => ({ id, version, document, comment }),
  },
  'policy-instance': {
    collection: 'route53.traffic-policy-instance',
    isThere: ({ goneAt, rootGoneAt }) => goneAt === undefined && rootGoneAt === undefined,
    key: ({ id }) => id,
    name: ({ name }) => name,
    content: ({ id, name, serving }) => ({ id, name, serving }),
  },
}

/** `now` is in epoch milliseconds. */
export function inventory({ store }: Pick<Wiring, 'store'>, now: number): Resource[] {
  const found: Resource[] = [...tables(store, now), ...records(store)]
  for (const [kind, reading] of Object.entries(READINGS) as [Kind, Reading][])
    for (const record of store.collection<Kept>(reading.collection).values())
      if (reading.isThere?.(record, now) ?? true)
        found.push({
          key: `${kind} ${reading.key(record)}`,
          kind,
          region: record.region ?? 'global',
          name: reading.name(record),
          marks: reading.marks?.(record) ?? marked(record),
          content: JSON.stringify(reading.content?.(record) ?? record),
        })
  return found
}

type Store = Wiring['store']

/** By hand: gives a resource these tags, or none; tells those that it had. Undefined for a kind that has none. */
export function retag({ store }: Pick<Wiring, 'store'>, { kind, key }: Resource, tags?: unknown): unknown {
  const name = kind === 'table' ? 'dynamodb.tag' : kind === 'record' ? undefined : READINGS[kind].collection
  if (!name) return undefined
  const kept = store.collection<Kept>(name)
  for (const [id, record] of kept.entries()) {
    const own = kind === 'table' ? id : READINGS[kind as keyof typeof READINGS].key(record)
    if (`${kind} ${own}` !== key || !record.tags) continue
    kept.set(id, { ...record, tags: tags ?? (Array.isArray(record.tags) ? [] : {}) })
    return record.tags
  }
  return undefined
}

function tables(store: Store, now: number): Resource[] {
  const tags = store.collection<{ tags: object }>('dynamodb.tag')
  return [...store.collection<Kept>('dynamodb.table').values()]
    .filter(({ goneAt, deletingAt }) => !(goneAt <= now) && deletingAt === undefined)
    .map(({ id, region, name, schema, settings, membership }) => ({
      key: `table ${id}`,
      kind: 'table' as const,
      region,
      name,
      marks: JSON.stringify(tags.get(id)?.tags ?? {}),
      content: JSON.stringify({ schema, settings, group: membership?.group }),
    }))
}

function records(store: Store): Resource[] {
  return [...store.collection<Kept>('route53.record-set').values()]
    .filter(({ latest }) => latest && !['NS', 'SOA'].includes(latest.Type) && !latest.TrafficPolicyInstanceId)
    .map(({ zoneId, latest }) => ({
      key: `record ${zoneId}/${latest.Name}/${latest.Type}`,
      kind: 'record' as const,
      region: 'global',
      name: latest.Name,
      marks: '',
      content: JSON.stringify(latest),
    }))
}
