// Tags of hosted zones and health checks. Traffic policies and their instances have none, as on AWS.
import type {
  ChangeTagsForResourceRequest,
  ChangeTagsForResourceResponse,
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  ListTagsForResourcesRequest,
  ListTagsForResourcesResponse,
  ResourceTagSet,
  TagResourceType,
} from '@aws-sdk/client-route-53'
import type { Context } from './context.js'
import { healthCheckOf } from './health-check.js'
import { invalidInput } from './input.js'
import { zoneOf } from './zone.js'

// AWS: per resource, per call, and per list of resources.
const MOST_TAGS = 10

/** The resource's type and id, after it was found to exist. */
function resourceOf(context: Context, givenType: TagResourceType | undefined, givenId: string | undefined) {
  const type = givenType!
  const id = type === 'hostedzone' ? zoneOf(context, givenId).id : healthCheckOf(context, givenId).id
  return { type, id, key: `${type}/${id}` }
}

export function tagOperations(context: Context) {
  const { tags } = context.state

  const tagSetOf = (givenType: TagResourceType | undefined, givenId: string | undefined): ResourceTagSet => {
    const { type, id, key } = resourceOf(context, givenType, givenId)
    const Tags = Object.entries(tags.get(key) ?? {}).map(([Key, Value]) => ({ Key, Value }))
    return { ResourceType: type, ResourceId: id, Tags }
  }

  return {
    ChangeTagsForResource(input: ChangeTagsForResourceRequest): ChangeTagsForResourceResponse {
      const { key } = resourceOf(context, input.ResourceType, input.ResourceId)
      const [added, removed] = [input.AddTags ?? [], input.RemoveTagKeys ?? []]
      if (!added.length && !removed.length)
        throw invalidInput('Either AddTags or RemoveTagKeys must be given.')
      if (added.length > MOST_TAGS || removed.length > MOST_TAGS) {
        throw invalidInput(`At most ${MOST_TAGS} tags can be added and ${MOST_TAGS} removed in one call.`)
      }
      const changed = { ...tags.get(key) }
      for (const name of removed) delete changed[name]
      for (const { Key, Value = '' } of added) {
        if (!Key) throw invalidInput('Missing required parameter: Key.')
        changed[Key] = Value
      }
      if (Object.keys(changed).length > MOST_TAGS) {
        throw invalidInput(`A resource can have at most ${MOST_TAGS} tags.`)
      }
      tags.set(key, changed)
      return {}
    },

    ListTagsForResource: (input: ListTagsForResourceRequest): ListTagsForResourceResponse => ({
      ResourceTagSet: tagSetOf(input.ResourceType, input.ResourceId),
    }),

    ListTagsForResources(input: ListTagsForResourcesRequest): ListTagsForResourcesResponse {
      return { ResourceTagSets: input.ResourceIds!.map((id) => tagSetOf(input.ResourceType, id)) }
    },
  }
}
