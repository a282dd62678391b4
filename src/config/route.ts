// Routes as the config writes them, `GET /item/{itemId}`: their grammar, and the pairs that API Gateway refuses.
// Knows no function but by its key; `check.ts` asks, `schema.ts` names the rules.

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const
export type Method = (typeof METHODS)[number]

export interface Route {
  readonly method: Method
  /** As API Gateway takes it: `/item/{itemId}`. */
  readonly path: string
  /** Names between the braces, first to last, without the `+` of a greedy one. */
  readonly parameters: readonly string[]
}

// AWS: a path part is made of these characters, or is one parameter in braces, greedy with a plus.
const SEGMENT = '(?:[a-zA-Z0-9._:-]+|\\{[a-zA-Z0-9._-]+\\+?\\})'
export const ROUTE_PATTERN = new RegExp(`^(?:${METHODS.join('|')}) /(?:${SEGMENT}(?:/${SEGMENT})*)?$`)

const isParameter = (segment: string) => segment.startsWith('{')
const segmentsOf = (path: string) => path.split('/').slice(1)
const nameOf = (segment: string) => segment.replace(/[{}+]/g, '')

/** The rule that a text breaks as a route, as `must ...`; undefined for a good route. */
export function routeRule(text: string): string | undefined {
  if (/^OPTIONS /.test(text))
    return 'must not be OPTIONS: those answers belong to CORS and are made for every path'
  if (!ROUTE_PATTERN.test(text)) {
    return `must be a method (${METHODS.join(', ')}), one space and a path such as /item/{itemId}`
  }
  const segments = segmentsOf(text.slice(text.indexOf('/')))
  const names = segments.filter(isParameter).map(nameOf)
  if (segments.some((segment) => segment === '.' || segment === '..'))
    return 'must not have . or .. in its path'
  if (segments.slice(0, -1).some((segment) => segment.endsWith('+}'))) {
    return 'must have a greedy parameter only at its end'
  }
  if (new Set(names).size < names.length) return 'must not use a parameter name twice'
  // AWS: these two are reserved at the root of custom domains.
  if (segments[0] === 'ping' || segments[0] === 'sping') {
    return 'must not begin with /ping or /sping, which API Gateway keeps for itself on custom domains'
  }
  return undefined
}

/** Takes a route apart. The text must be a good route. */
export function parseRoute(text: string): Route {
  const [method, path] = text.split(' ') as [Method, string]
  return { method, path, parameters: segmentsOf(path).filter(isParameter).map(nameOf) }
}

/** A route that cannot stand beside an earlier one. */
export interface RouteConflict {
  readonly key: string
  readonly rule: string
}

/** Finds the functions whose route API Gateway would refuse beside those before them. */
export function routeConflicts(routes: readonly { key: string; route: string }[]): RouteConflict[] {
  const owners = new Map<string, string>()
  const parameters = new Map<string, { segment: string; key: string }>()
  const conflicts: RouteConflict[] = []
  for (const { key, route } of routes) {
    const owner = owners.get(route)
    if (owner !== undefined) {
      conflicts.push({ key, rule: `must be a route of its own; ${owner} has the same one` })
      continue
    }
    owners.set(route, key)
    const rival = rivalParameter(parseRoute(route).path, key, parameters)
    if (rival) conflicts.push({ key, rule: rival })
  }
  return conflicts
}

// AWS: "A sibling of this resource already has a variable path part -- only one unique variable path part is allowed".
function rivalParameter(
  path: string,
  key: string,
  parameters: Map<string, { segment: string; key: string }>,
) {
  let parent = ''
  for (const segment of segmentsOf(path)) {
    const sibling = parameters.get(parent)
    if (isParameter(segment) && sibling && sibling.segment !== segment) {
      const place = parent || '/'
      return `must have ${sibling.segment} below ${place}, as ${sibling.key} has it: API Gateway allows one parameter there`
    }
    if (isParameter(segment) && !sibling) parameters.set(parent, { segment, key })
    parent += `/${segment}`
  }
  return undefined
}
