// The tree of an API's resources: one node for each part of a path. What methods do is `method.ts`'s.
import type { World } from '../world.js'
import { type ApiResource, freshId, type RestApiRecord } from './record.js'
import { badRequest, conflict, limitExceeded, noSuchResource } from './refusal.js'

// AWS: one variable among siblings, nothing below a greedy one.
const PATH_PART = /^(?:[\w.:-]+|\{[\w.-]+\+?\})$/
// AWS: docs "Quotas": resources per API.
const MOST_RESOURCES = 300
const isVariable = (pathPart: string) => pathPart.startsWith('{')
const isGreedy = (pathPart: string) => pathPart.endsWith('+}')

export const rootResource = (id: string): ApiResource => ({ id, path: '/', methods: {} })

export function findResource({ resources }: RestApiRecord, id: string | undefined): ApiResource {
  const found = resources.find((resource) => resource.id === id)
  if (!found) throw noSuchResource()
  return found
}

/** The resource at that path, made with all its parents where it is missing. Throws AWS's error for a bad part. */
export function growPath(world: World, api: RestApiRecord, path: string): ApiResource {
  let current = findResource(api, api.rootResourceId)
  for (const part of path.split('/').filter(Boolean)) {
    const known = childrenOf(api, current).find(({ pathPart }) => pathPart === part)
    current = known ?? addChild(world, api, current, part)
  }
  return current
}

function childrenOf({ resources }: RestApiRecord, parent: ApiResource): ApiResource[] {
  return resources.filter((each) => each.parentId === parent.id)
}

/** Adds a resource below its parent. Throws AWS's error for a part that may not stand there. */
export function addChild(
  world: World,
  api: RestApiRecord,
  parent: ApiResource,
  pathPart: string,
): ApiResource {
  checkPart(parent, childrenOf(api, parent), pathPart)
  if (api.resources.length >= MOST_RESOURCES) throw limitExceeded('Resources', 'API')
  const id = freshId(world, 6, (candidate) => api.resources.some((each) => each.id === candidate))
  const resource: ApiResource = {
    id,
    parentId: parent.id,
    pathPart,
    path: join(parent.path, pathPart),
    methods: {},
  }
  api.resources.push(resource)
  return resource
}

const join = (parentPath: string, pathPart: string) => `${parentPath === '/' ? '' : parentPath}/${pathPart}`

function checkPart(parent: ApiResource, siblings: readonly ApiResource[], pathPart: string): void {
  if (!PATH_PART.test(pathPart)) {
    throw badRequest(
      "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.",
    )
  }
  if (isGreedy(parent.pathPart ?? '')) {
    throw badRequest(`Cannot create a child of a resource with a greedy path variable: ${parent.pathPart}`)
  }
  if (siblings.some((each) => each.pathPart === pathPart)) {
    throw conflict(`Another resource with the same parent already has this name: ${pathPart}`)
  }
  const variable = siblings.find((each) => isVariable(each.pathPart!))
  if (isVariable(pathPart) && variable) {
    throw badRequest(
      `A sibling (${variable.pathPart}) of this resource already has a variable path part -- only one is allowed`,
    )
  }
}

/** Moves or renames a resource with all that is below it. */
export function moveResource(api: RestApiRecord, id: string, parentId: string, pathPart: string): void {
  const resource = findResource(api, id)
  const parent = findResource(api, parentId)
  if (isBelow(api, parent, resource)) throw badRequest('Resources cannot be cyclical.')
  const siblings = childrenOf(api, parent).filter((each) => each.id !== id)
  checkPart(parent, siblings, pathPart)
  Object.assign(resource, { parentId, pathPart })
  renamePaths(api, resource, join(parent.path, pathPart))
}

function isBelow(api: RestApiRecord, resource: ApiResource, above: ApiResource): boolean {
  if (resource.id === above.id) return true
  return resource.parentId !== undefined && isBelow(api, findResource(api, resource.parentId), above)
}

function renamePaths(api: RestApiRecord, resource: ApiResource, path: string): void {
  resource.path = path
  for (const child of childrenOf(api, resource)) {
    renamePaths(api, child, join(path, child.pathPart!))
  }
}

/** Removes a resource and all that is below it. */
export function removeResource(api: RestApiRecord, id: string): void {
  const resource = findResource(api, id)
  const gone = new Set(api.resources.filter((each) => isBelow(api, each, resource)).map((each) => each.id))
  api.resources = api.resources.filter((each) => !gone.has(each.id))
}
