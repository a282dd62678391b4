// What must fit together in a config: names and their lengths, routes, the health check's function, the proof's routes.
// Works on the good parts of a file, so a broken field hides no other problem and causes no second one.
import { controlTableName, functionName, LONGEST_NAME, roleName, stackName } from '../base/names.js'
import type { Known } from './inspect.js'
import { type Problem, show, suggestion } from './problem.js'
import { parseRoute, routeConflicts } from './route.js'
import { LONGEST_ENVIRONMENT_BYTES } from './rule.js'
import type { ConfigValues } from './schema.js'

type KnownConfig = Known<ConfigValues>
interface Routed {
  readonly key: string
  readonly route: string
}

/** Every problem between the fields. */
export function check(config: KnownConfig): Problem[] {
  return [
    ...longNames(config),
    ...keysThatDifferInCase(config),
    ...sortKey(config),
    ...controlTable(config),
    ...routes(config),
    ...healthFunction(config),
    ...proofRoutes(config),
    ...environments(config),
  ]
}

function longNames({ name, stage, regions = [], functions = {} }: KnownConfig): Problem[] {
  if (name === undefined || stage === undefined) return []
  const stack = stackName(name, stage)
  return Object.keys(functions).flatMap((key) => {
    const names = [
      { what: 'function', text: functionName(stack, key) },
      ...regions.map((region) => ({ what: 'role', text: roleName(stack, key, region) })),
    ]
    const { what, text } = names.reduce((longest, next) =>
      next.text.length > longest.text.length ? next : longest,
    )
    const excess = text.length - LONGEST_NAME
    if (excess <= 0) return []
    const message = `makes the ${what} name ${text}, which has ${text.length} characters, ${excess} more than AWS's ${LONGEST_NAME}; shorten name, stage or this key`
    return [{ path: ['functions', key], message }]
  })
}

// AWS: role names are unique whatever their case.
function keysThatDifferInCase({ functions = {} }: KnownConfig): Problem[] {
  const earlier = new Map<string, string>()
  return Object.keys(functions).flatMap((key) => {
    const twin = earlier.get(key.toLowerCase())
    earlier.set(key.toLowerCase(), twin ?? key)
    if (twin === undefined) return []
    return [
      {
        path: ['functions', key],
        message: `must differ from ${twin} in more than its case: role names ignore it`,
      },
    ]
  })
}

function sortKey({ table }: KnownConfig): Problem[] {
  const name = table?.sortKey?.name
  if (name === undefined || name !== table?.partitionKey?.name) return []
  const message = `must be another attribute than the partition key's, not ${show(name)}`
  return [{ path: ['table', 'sortKey', 'name'], message }]
}

/** Whatever the state is kept in now: `up` may move it there later. */
function controlTable({ name, stage, table }: KnownConfig): Problem[] {
  if (name === undefined || stage === undefined) return []
  if (table?.name !== controlTableName(stackName(name, stage))) return []
  const message = `must be another name than ${show(table.name)}, which is that of the table for a shared state`
  return [{ path: ['table', 'name'], message }]
}

/** The functions whose route is good, and whether that is all of them. */
function routed({ functions }: KnownConfig): { all: boolean; good: Routed[] } {
  const entries = Object.entries(functions ?? {})
  const good = entries.flatMap(([key, { route } = {}]) => (route === undefined ? [] : [{ key, route }]))
  return { all: functions !== undefined && good.length === entries.length, good }
}

function routes(config: KnownConfig): Problem[] {
  const { good } = routed(config)
  const routeOf = new Map(good.map(({ key, route }) => [key, route]))
  return routeConflicts(good).map(({ key, rule }) => ({
    path: ['functions', key, 'route'],
    message: `${rule}, not ${show(routeOf.get(key))}`,
  }))
}

function healthFunction({ functions, healthCheck }: KnownConfig): Problem[] {
  const key = healthCheck?.function
  if (key === undefined || functions === undefined) return []
  const path = ['healthCheck', 'function']
  if (!Object.hasOwn(functions, key)) {
    const message = `must be the key of a function, not ${show(key)}${suggestion(key, Object.keys(functions))}`
    return [{ path, message }]
  }
  const route = functions[key]?.route
  if (route === undefined) return []
  const { method, parameters } = parseRoute(route)
  if (method === 'GET' && parameters.length === 0) return []
  return [{ path, message: `must be a function with a GET route without parameters; ${key} has ${route}` }]
}

function proofRoutes(config: KnownConfig): Problem[] {
  const { proof } = config
  const { all, good } = routed(config)
  if (proof === undefined || !all) return []
  return (['write', 'read'] as const).flatMap((part) => {
    const route = proof[part]
    if (route === undefined) return []
    const message = proofRule(part, route, good)
    return message === undefined ? [] : [{ path: ['proof', part], message: `${message}, not ${show(route)}` }]
  })
}

function proofRule(part: 'write' | 'read', route: string, functions: readonly Routed[]): string | undefined {
  const known = functions.map((one) => one.route)
  if (!known.includes(route)) return `must be the route of a function (${known.join('; ')})`
  const { method, path, parameters } = parseRoute(route)
  if (part === 'write') {
    const writes = method === 'POST' || method === 'PUT'
    return writes && parameters.length === 0 ? undefined : 'must be a POST or PUT without parameters'
  }
  const readsOne = method === 'GET' && parameters.length === 1 && !path.includes('+}')
  return readsOne ? undefined : 'must be a GET with exactly one parameter'
}

function environments({ functions = {}, table }: KnownConfig): Problem[] {
  return Object.entries(functions).flatMap(([key, { environment } = {}]) => {
    const bytes = Buffer.byteLength(JSON.stringify({ ...tableEnvironment(table), ...environment }))
    if (bytes <= LONGEST_ENVIRONMENT_BYTES) return []
    const message = `must fit into ${LONGEST_ENVIRONMENT_BYTES} bytes with the variables that multiregion sets; it takes ${bytes}`
    return [{ path: ['functions', key, 'environment'], message }]
  })
}

/** The variables that tell every function its table. The region is Lambda's own `AWS_REGION`. */
export function tableEnvironment(table: Known<ConfigValues['table']> = {}): Record<string, string> {
  const { name, partitionKey, sortKey: sort } = table
  const variables = {
    TABLE_NAME: name,
    KEY_NAME: partitionKey?.name,
    KEY_TYPE: partitionKey?.type,
    SORT_KEY_NAME: sort?.name,
    SORT_KEY_TYPE: sort?.type,
  }
  const set = Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(set)
}
