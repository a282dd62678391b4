// The resources of an API: a tree of path parts.
import assert from 'node:assert/strict'
import { paginateGetResources } from '@aws-sdk/client-api-gateway'
import type { TestCloud } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite, ServiceSuite } from '../suite.js'
import { apiWithMethod, createApi, filledApi, gateway, NO_API, noApi, replace } from './api.js'

const UNKNOWN = 'Invalid Resource identifier specified'
const NO_RESOURCE = 'abcdef'

/** An API with these children of its root, by path part. */
async function tree(cloud: TestCloud, ...pathParts: string[]) {
  const { id: restApiId, rootResourceId: parentId } = await createApi(cloud)
  const ids: string[] = []
  for (const pathPart of pathParts) {
    await cloud.pass(1)
    ids.push((await gateway(cloud).createResource({ restApiId, parentId, pathPart })).id!)
  }
  return { restApiId, parentId, ids }
}

const createResource: OperationSuite = {
  happy: {
    'a resource has an id of 6 characters and a path': async (cloud) => {
      const { restApiId, parentId } = await tree(cloud)
      const made = await gateway(cloud).createResource({ restApiId, parentId, pathPart: 'pets' })
      assert.match(made.id!, /^[a-z0-9]{6}$/)
      assert.deepEqual([made.path, made.pathPart, made.parentId], ['/pets', 'pets', parentId])
    },
  },
  validation: {
    'a path part has letters, digits, ._-: or is a variable in braces': async (cloud) => {
      const { restApiId, parentId } = await tree(cloud)
      const call = gateway(cloud).createResource({ restApiId, parentId, pathPart: 'a/b' })
      await refused(call, 'BadRequestException', /^Resource's path part only allow/)
    },
  },
  state: {
    'a sibling of that name is a conflict': async (cloud) => {
      const { restApiId, parentId } = await tree(cloud, 'pets')
      await refused(
        gateway(cloud).createResource({ restApiId, parentId, pathPart: 'pets' }),
        'ConflictException',
        'Another resource with the same parent already has this name: pets',
      )
    },
    'one variable among siblings': async (cloud) => {
      const { restApiId, parentId } = await tree(cloud, '{proxy+}')
      await refused(
        gateway(cloud).createResource({ restApiId, parentId, pathPart: '{other}' }),
        'BadRequestException',
        'A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed',
      )
    },
    'nothing below a greedy variable': async (cloud) => {
      const { restApiId, ids } = await tree(cloud, '{proxy+}')
      await refused(
        gateway(cloud).createResource({ restApiId, parentId: ids[0]!, pathPart: 'pets' }),
        'BadRequestException',
        'Cannot create a child of a resource with a greedy path variable: {proxy+}',
      )
    },
    'an unknown parent is not found': async (cloud) => {
      const { restApiId } = await tree(cloud)
      const call = gateway(cloud).createResource({ restApiId, parentId: NO_RESOURCE, pathPart: 'pets' })
      await refused(call, 'NotFoundException', UNKNOWN)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { restApiId, parentId } = await tree(cloud)
    const made = await aws.run([
      ...['apigateway', 'create-resource', '--rest-api-id', restApiId, '--parent-id', parentId],
      ...['--path-part', 'pets'],
    ])
    assert.equal((made as { path: string }).path, '/pets')
  },
}

const getResource: OperationSuite = {
  happy: {
    'methods are embedded when asked for': async (cloud) => {
      const { restApiId, resourceId } = await apiWithMethod(cloud)
      const plain = await gateway(cloud).getResource({ restApiId, resourceId })
      assert.deepEqual(plain.resourceMethods, { GET: {} })
      const whole = await gateway(cloud).getResource({ restApiId, resourceId, embed: ['methods'] })
      assert.equal(whole.resourceMethods?.GET?.methodIntegration?.type, 'MOCK')
    },
  },
  state: {
    'an unknown resource is not found': async (cloud) => {
      const { restApiId } = await tree(cloud)
      const call = gateway(cloud).getResource({ restApiId, resourceId: NO_RESOURCE })
      await refused(call, 'NotFoundException', UNKNOWN)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { restApiId, resourceId } = await apiWithMethod(cloud)
    const got = await aws.run([
      ...['apigateway', 'get-resource', '--rest-api-id', restApiId, '--resource-id', resourceId],
    ])
    assert.equal((got as { path: string }).path, '/hello')
  },
}

const getResources: OperationSuite = {
  happy: {
    'methods are embedded when asked for': async (cloud) => {
      const restApiId = await filledApi(cloud)
      const { items = [] } = await gateway(cloud).getResources({ restApiId, embed: ['methods'] })
      const { resourceMethods } = items.find(({ path }) => path === '/hello')!
      assert.equal(resourceMethods?.GET?.methodIntegration?.integrationResponses?.['200']?.statusCode, '200')
    },
  },
  state: {
    'an unknown API is not found': (cloud) =>
      refused(gateway(cloud).getResources({ restApiId: NO_API }), 'NotFoundException', noApi(NO_API)),
  },
  pagination: {
    'pages of one hold every resource once': async (cloud) => {
      const { restApiId } = await tree(cloud, 'a', 'b')
      const seen: string[] = []
      const pages = paginateGetResources({ client: gateway(cloud) }, { restApiId, limit: 1 })
      for await (const page of pages) {
        seen.push(...page.items!.map(({ path }) => path!))
        await cloud.pass(1)
      }
      assert.deepEqual(seen.sort(), ['/', '/a', '/b'])
    },
  },
  cli: async (cloud, aws) => {
    const { restApiId } = await apiWithMethod(cloud)
    const listed = await aws.run([
      ...['apigateway', 'get-resources', '--rest-api-id', restApiId, '--embed', 'methods'],
    ])
    assert.equal((listed as { items: unknown[] }).items.length, 2)
  },
}

const updateResource: OperationSuite = {
  happy: {
    'a resource moves with all that is below it': async (cloud) => {
      const { restApiId, ids } = await tree(cloud, 'pets', 'dogs')
      await cloud.pass(1)
      const below = { restApiId, parentId: ids[0]!, pathPart: 'small' }
      const child = await gateway(cloud).createResource(below)
      const patchOperations = [replace('/pathPart', 'cats'), replace('/parentId', ids[1]!)]
      const moved = await gateway(cloud).updateResource({ restApiId, resourceId: ids[0]!, patchOperations })
      assert.equal(moved.path, '/dogs/cats')
      const found = await gateway(cloud).getResource({ restApiId, resourceId: child.id! })
      assert.equal(found.path, '/dogs/cats/small')
    },
  },
  validation: {
    'other paths and operations are refused, with those that there are': async (cloud) => {
      const { restApiId, ids } = await tree(cloud, 'pets')
      const resourceId = ids[0]!
      await refused(
        gateway(cloud).updateResource({ restApiId, resourceId, patchOperations: [replace('/invalid', 'x')] }),
        'BadRequestException',
        "Invalid patch path  '/invalid' specified for op 'replace'. Must be one of: [/parentId, /pathPart]",
      )
      const patchOperations = [{ op: 'remove' as const, path: '/pathPart' }]
      await refused(
        gateway(cloud).updateResource({ restApiId, resourceId, patchOperations }),
        'BadRequestException',
        "Invalid patch path  '/pathPart' specified for op 'remove'. Please choose supported operations",
      )
    },
  },
  state: {
    'the root stays where it is': async (cloud) => {
      const { restApiId, parentId: resourceId } = await tree(cloud)
      const update = (path: string) =>
        gateway(cloud).updateResource({ restApiId, resourceId, patchOperations: [replace(path, 'x')] })
      await refused(update('/pathPart'), 'BadRequestException', 'Root resource cannot update its pathPart.')
      await refused(update('/parentId'), 'BadRequestException', 'Root resource cannot update its parentId.')
    },
    'a resource does not move below itself': async (cloud) => {
      const { restApiId, ids } = await tree(cloud, 'pets')
      const resourceId = ids[0]!
      const patchOperations = [replace('/parentId', resourceId)]
      const call = gateway(cloud).updateResource({ restApiId, resourceId, patchOperations })
      await refused(call, 'BadRequestException', 'Resources cannot be cyclical.')
    },
    'a sibling of that name is a conflict': async (cloud) => {
      const { restApiId, ids } = await tree(cloud, 'pets', 'dogs')
      const patchOperations = [replace('/pathPart', 'dogs')]
      const call = gateway(cloud).updateResource({ restApiId, resourceId: ids[0]!, patchOperations })
      await refused(call, 'ConflictException', /already has this name: dogs$/)
    },
    'an unknown resource is not found': async (cloud) => {
      const { restApiId } = await tree(cloud)
      const patchOperations = [replace('/pathPart', 'dogs')]
      const call = gateway(cloud).updateResource({ restApiId, resourceId: NO_RESOURCE, patchOperations })
      await refused(call, 'NotFoundException', UNKNOWN)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { restApiId, ids } = await tree(cloud, 'pets')
    const updated = await aws.run([
      ...['apigateway', 'update-resource', '--rest-api-id', restApiId, '--resource-id', ids[0]!],
      ...['--patch-operations', 'op=replace,path=/pathPart,value=dogs'],
    ])
    assert.equal((updated as { path: string }).path, '/dogs')
  },
}

const deleteResource: OperationSuite = {
  happy: {
    'a resource goes with all that is below it': async (cloud) => {
      const { restApiId, ids } = await tree(cloud, 'pets')
      await cloud.pass(1)
      await gateway(cloud).createResource({ restApiId, parentId: ids[0]!, pathPart: 'small' })
      await gateway(cloud).deleteResource({ restApiId, resourceId: ids[0]! })
      const { items = [] } = await gateway(cloud).getResources({ restApiId })
      assert.deepEqual(
        items.map(({ path }) => path),
        ['/'],
      )
    },
  },
  state: {
    'an unknown resource is not found': async (cloud) => {
      const { restApiId } = await tree(cloud)
      const call = gateway(cloud).deleteResource({ restApiId, resourceId: NO_RESOURCE })
      await refused(call, 'NotFoundException', UNKNOWN)
    },
    'the root stays': async (cloud) => {
      const { restApiId, parentId } = await tree(cloud)
      const call = gateway(cloud).deleteResource({ restApiId, resourceId: parentId })
      await refused(call, 'BadRequestException')
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { restApiId, ids } = await tree(cloud, 'pets')
    await aws.run([
      ...['apigateway', 'delete-resource', '--rest-api-id', restApiId, '--resource-id', ids[0]!],
    ])
    assert.equal((await gateway(cloud).getResources({ restApiId })).items?.length, 1)
  },
}

export const resourceCases: ServiceSuite['operations'] = {
  CreateResource: createResource,
  GetResource: getResource,
  GetResources: getResources,
  UpdateResource: updateResource,
  DeleteResource: deleteResource,
}
