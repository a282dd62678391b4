// Which operation a REST request means, and the members of its input that stand in the URL.
// Bodies and headers are the codec's; only services with REST-JSON or REST-XML have routes.
import { FromStringShapeDeserializer } from '@smithy/core/protocols'
import { NormalizedSchema } from '@smithy/core/schema'
import type { $SchemaRef } from '@smithy/types'
import findMyWay from 'find-my-way'
import type { OperationSchema } from './schema.js'

interface Route {
  readonly operation: OperationSchema
  /** Query parameters that belong to the URI pattern, such as `mode=import`. */
  readonly staticQuery: readonly (readonly [string, string])[]
  /** Label names in the order of the pattern's parameters; a greedy one stands under `*`. */
  readonly labels: readonly { readonly name: string; readonly parameter: string }[]
}

/** A request's operation, and its path labels by member name, percent-decoded. */
export interface Match {
  readonly operation: OperationSchema
  readonly labels: ReadonlyMap<string, string>
  readonly staticQuery: readonly (readonly [string, string])[]
}

export interface RestRouter {
  find(method: string, path: string, query: URLSearchParams): Match | undefined
}

/** Routes for the operations of one service, from the `http` trait of their schemas. */
export function restRouter(operations: Iterable<OperationSchema>): RestRouter {
  const routes = new Map<string, Route[]>()
  for (const operation of operations) {
    const { http } = traitsOf(operation)
    if (!http) continue
    const [method, uri] = http
    const { pattern, ...route } = parseUri(uri)
    const key = `${method} ${pattern}`
    routes.set(key, [...(routes.get(key) ?? []), { operation, ...route }])
  }
  const router = findMyWay({ ignoreTrailingSlash: true, maxParamLength: 16_384 })
  for (const [key, candidates] of routes) {
    const [method, pattern] = key.split(' ') as [findMyWay.HTTPMethod, string]
    // AWS: `POST /restapis?mode=import` is another operation than `POST /restapis`: the more exact one first.
    candidates.sort((a, b) => b.staticQuery.length - a.staticQuery.length)
    router.on(method, pattern, () => {}, candidates)
  }
  return {
    find(method, path, query) {
      const hit = router.find(method as findMyWay.HTTPMethod, path)
      const candidates = (hit?.store ?? []) as Route[]
      const route = candidates.find(({ staticQuery }) =>
        staticQuery.every(([name, value]) => (value ? query.get(name) === value : query.has(name))),
      )
      if (!hit || !route) return undefined
      const labels = new Map(route.labels.map(({ name, parameter }) => [name, hit.params[parameter] ?? '']))
      return { operation: route.operation, labels, staticQuery: route.staticQuery }
    },
  }
}

const traitsOf = (operation: OperationSchema) =>
  (typeof operation.traits === 'number' ? {} : operation.traits) as { http?: [string, string, number] }

/** `/a/{Id}/b/{Rest+}?mode=x` as a pattern of find-my-way with its labels and static query. */
function parseUri(uri: string) {
  const [path, search] = uri.split('?') as [string, string | undefined]
  const labels: { name: string; parameter: string }[] = []
  const pattern = path.replace(/\{([^}+]+)(\+)?\}/g, (_, name: string, greedy?: string) => {
    const parameter = greedy ? '*' : `p${labels.length}`
    labels.push({ name, parameter })
    return greedy ? '*' : `:${parameter}`
  })
  return { pattern, labels, staticQuery: search ? [...new URLSearchParams(search)] : [] }
}

/** Reads the members of an input that a request carries in its URL. Times are ISO 8601 there, unless the shape says otherwise. */
export function readUrl(input: $SchemaRef, match: Match, query: URLSearchParams): Record<string, unknown> {
  const members = [...NormalizedSchema.of(input).structIterator()]
  const taken = new Set([
    ...match.staticQuery.map(([name]) => name),
    ...members.map(([, member]) => member.getMergedTraits().httpQuery),
  ])
  const found: Record<string, unknown> = {}
  for (const [name, member] of members) {
    const traits = member.getMergedTraits()
    if (traits.httpLabel) found[name] = texts.read(member, match.labels.get(name) ?? '')
    else if (traits.httpQuery && query.has(traits.httpQuery)) {
      found[name] = readParameter(member, query.getAll(traits.httpQuery))
    } else if (traits.httpQueryParams) {
      const free = [...new Set(query.keys())].filter((key) => !taken.has(key))
      const value = member.getValueSchema()
      const read = free.map((key) => [key, readParameter(value, query.getAll(key))] as const)
      if (read.length) found[name] = Object.fromEntries(read)
    }
  }
  return found
}

const texts = new FromStringShapeDeserializer({
  timestampFormat: { useTrait: true, default: 5 },
  httpBindings: true,
})

function readParameter(schema: NormalizedSchema, values: readonly string[]): unknown {
  if (schema.isListSchema()) return values.map((value) => texts.read(schema.getValueSchema(), value))
  return texts.read(schema, values[0] ?? '')
}
