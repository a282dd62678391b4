// The operations on an API's resources. The rules of the tree are in `resource-tree.ts`, methods in `method.ts`.
import type {
  CreateResourceRequest,
  DeleteResourceRequest,
  GetResourceRequest,
  GetResourcesRequest,
  Resource,
  Resources,
  UpdateResourceRequest,
} from '@aws-sdk/client-api-gateway'
import type { Call, Operation } from '../ports.js'
import { pageOf } from './page.js'
import type { PatchRule } from './patch.js'
import { applyPatch, refuseAtLength } from './patch.js'
import { type ApiResource, apiKey, type ControlPlane, type RestApiRecord } from './record.js'
import { badRequest, noSuchApi } from './refusal.js'
import { addChild, findResource, moveResource, removeResource } from './resource-tree.js'

/** Reads an API. Throws NotFoundException. */
export function readApi({ world, kept }: ControlPlane, { region }: Call, id: string | undefined) {
  const api = kept.restApis.get(apiKey(region, id))
  if (!api) throw noSuchApi(world.account, id)
  return api
}

/** Reads an API, lets it be changed and keeps it, unless the change throws. */
export function editApi<T>(
  plane: ControlPlane,
  call: Call,
  id: string | undefined,
  change: (api: RestApiRecord) => T,
): T {
  const api = readApi(plane, call, id)
  const result = change(api)
  plane.kept.restApis.set(apiKey(call.region, id), api)
  return result
}

/** As GetResources shows it; with `embed: methods`, the methods whole. AWS: else their names with nothing in them. */
function describeResource(resource: ApiResource, embed: readonly string[] | undefined): Resource {
  const { methods, ...rest } = resource
  if (!Object.keys(methods).length) return rest
  if (embed?.includes('methods')) return { ...rest, resourceMethods: methods }
  return { ...rest, resourceMethods: Object.fromEntries(Object.keys(methods).map((name) => [name, {}])) }
}

interface Place {
  parentId: string
  pathPart: string
}

const PLACE_RULES: readonly PatchRule<Place>[] = [
  {
    path: '/parentId',
    ops: ['replace'],
    apply: (place, { value }) => Object.assign(place, { parentId: value }),
  },
  {
    path: '/pathPart',
    ops: ['replace'],
    apply: (place, { value }) => Object.assign(place, { pathPart: value }),
  },
]

const rootStays = (path: string | undefined) =>
  badRequest(`Root resource cannot update its ${path === '/parentId' ? 'parentId' : 'pathPart'}.`)

export function resourceOperations(plane: ControlPlane): Record<string, Operation> {
  return {
    GetResources(input: GetResourcesRequest, call: Call): Resources {
      const { resources } = readApi(plane, call, input.restApiId)
      const page = pageOf(resources, ({ path }) => path, input)
      return { ...page, items: page.items.map((each) => describeResource(each, input.embed)) }
    },

    GetResource(input: GetResourceRequest, call: Call): Resource {
      return describeResource(
        findResource(readApi(plane, call, input.restApiId), input.resourceId),
        input.embed,
      )
    },

    CreateResource(input: CreateResourceRequest, call: Call): Resource {
      return editApi(plane, call, input.restApiId, (api) => {
        const parent = findResource(api, input.parentId)
        return describeResource(addChild(plane.world, api, parent, input.pathPart ?? ''), undefined)
      })
    },

    UpdateResource(input: UpdateResourceRequest, call: Call): Resource {
      return editApi(plane, call, input.restApiId, (api) => {
        const { id, parentId, pathPart } = findResource(api, input.resourceId)
        if (!parentId || !pathPart) throw rootStays(input.patchOperations?.[0]?.path)
        const place = applyPatch({ parentId, pathPart }, input.patchOperations, PLACE_RULES, refuseAtLength)
        moveResource(api, id, place.parentId, place.pathPart)
        return describeResource(findResource(api, id), undefined)
      })
    },

    DeleteResource(input: DeleteResourceRequest, call: Call): void {
      editApi(plane, call, input.restApiId, (api) => {
        if (input.resourceId === api.rootResourceId) throw badRequest('Root resource cannot be deleted')
        removeResource(api, findResource(api, input.resourceId).id)
      })
    },
  }
}
