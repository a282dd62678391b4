// Finds the method of a deployed API for a request: static parts before variables before greedy variables.
// What then answers is `data-plane.ts`'s.
import findMyWay, { type HTTPMethod } from 'find-my-way'
import { type ApiMethod, type ApiResource, HTTP_METHODS } from './record.js'

/** A method that was found, and the values of its path's variables. */
export interface Match {
  readonly resource: Pick<ApiResource, 'id' | 'path'>
  readonly method: ApiMethod
  /** AWS: as they stand in the path, not decoded. Null when the resource has no variable. */
  readonly pathParameters: Record<string, string> | null
}

type Entry = Omit<Match, 'pathParameters'> & { readonly names: readonly string[] }

/** Finds by HTTP method and raw path below the stage. */
export type Router = (httpMethod: string, path: string) => Match | undefined

const LONGEST_PARAMETER = 100_000

/**
 * A router over a snapshot's resources. AWS: each HTTP method has its own tree: where a resource lacks the method, a
 * greedy sibling that has it answers.
 */
export function createRouter(resources: readonly ApiResource[]): Router {
  const router = findMyWay({ caseSensitive: true, maxParamLength: LONGEST_PARAMETER })
  for (const resource of resources) {
    const { pattern, names } = patternOf(resource.path)
    for (const httpMethod of HTTP_METHODS) {
      const method = resource.methods[httpMethod] ?? resource.methods.ANY
      if (!method) continue
      const entry: Entry = { resource: { id: resource.id, path: resource.path }, method, names }
      router.on(httpMethod, pattern, () => {}, entry)
    }
  }
  return (httpMethod, path) => {
    const found = router.find(httpMethod as HTTPMethod, raw(path))
    if (!found) return undefined
    const { names, ...route } = found.store as Entry
    const values = names.map((_, index) => found.params[`p${index}`] ?? found.params['*'] ?? '')
    // AWS: a greedy variable holds at least one character.
    if (values.some((value) => !value)) return undefined
    const parameters = Object.fromEntries(names.map((name, index) => [name, values[index]!]))
    return { ...route, pathParameters: names.length ? parameters : null }
  }
}

/** `/item/{itemId}` as the router writes it, with the names of its variables in order. */
function patternOf(path: string): { pattern: string; names: string[] } {
  const names: string[] = []
  const parts = path.split('/').map((part) => {
    const name = /^\{(.+?)\+?\}$/.exec(part)?.[1]
    if (name === undefined) return part.replaceAll(':', '::')
    names.push(name)
    return part.endsWith('+}') ? '*' : `:p${names.length - 1}`
  })
  return { pattern: parts.join('/'), names }
}

/** AWS: slashes at the end do not count, nor more than one at the start. The router decodes, so it is given `%` encoded. */
function raw(path: string): string {
  const trimmed = path.replace(/^\/+/, '/').replace(/\/+$/, '') || '/'
  return trimmed.replaceAll('%', '%25').replaceAll('#', '%23')
}
