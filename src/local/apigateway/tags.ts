// Tags of APIs, stages and domain names, by ARN. Most come in with the call that makes a resource.
import type {
  GetTagsRequest,
  TagResourceRequest,
  Tags,
  UntagResourceRequest,
} from '@aws-sdk/client-api-gateway'
import type { Call, Operation } from '../ports.js'
import type { Collection } from '../world.js'
import { apiKey, type ControlPlane, domainKey, partKey } from './record.js'
import { badRequest, notFound, unsupported } from './refusal.js'

// AWS: docs "Tagging": 50 tags a resource, keys of 128 characters, values of 256.
const MOST_TAGS = 50
const LONGEST_KEY = 128
const LONGEST_VALUE = 256

/** The tags, checked. Throws BadRequestException. */
export function checkTags(tags: Record<string, string> = {}): Record<string, string> {
  if (Object.keys(tags).length > MOST_TAGS)
    throw badRequest(`Too many tags: at most ${MOST_TAGS} are allowed`)
  for (const [key, value] of Object.entries(tags)) {
    if (!key || key.length > LONGEST_KEY || value.length > LONGEST_VALUE) {
      throw badRequest(`Invalid tag specified: ${key}`)
    }
    if (/^aws:/i.test(key)) throw badRequest('aws: prefixed tag key names are not allowed for external use.')
  }
  return tags
}

interface Tagged {
  tags: Record<string, string>
}

/** Where the resource of an ARN is kept. */
function tagged({ kept }: ControlPlane, arn: string, { region }: Call): [Collection<Tagged>, string] {
  const found = /^arn:aws:apigateway:([\w-]+)::\/(.+)$/.exec(arn)
  if (!found) throw badRequest(`Invalid ARN. ARN is not well formed ${arn}`)
  if (found[1] !== region) throw badRequest(`Invalid ARN specified in the request: it is not of ${region}`)
  const [kind, name, part, stageName, ...more] = found[2]!.split('/')
  if (kind === 'restapis' && part === undefined) return [kept.restApis, apiKey(region, name)]
  if (kind === 'restapis' && part === 'stages' && !more.length) {
    return [kept.stages, partKey(region, name, stageName)]
  }
  if (kind === 'domainnames' && part === undefined) {
    return [kept.domainNames, domainKey(region, name)]
  }
  throw unsupported(`tags of ${arn}`)
}

export function tagOperations(plane: ControlPlane): Record<string, Operation> {
  function read(arn: string | undefined, call: Call) {
    const [collection, key] = tagged(plane, arn ?? '', call)
    const value = collection.get(key)
    if (!value) throw notFound('Invalid resource identifier specified')
    const keep = (tags: Tagged['tags']) => collection.set(key, { ...value, tags })
    return { tags: value.tags, keep }
  }

  return {
    TagResource(input: TagResourceRequest, call: Call): void {
      const { tags, keep } = read(input.resourceArn, call)
      keep(checkTags({ ...tags, ...input.tags }))
    },

    UntagResource(input: UntagResourceRequest, call: Call): void {
      const { tags, keep } = read(input.resourceArn, call)
      keep(Object.fromEntries(Object.entries(tags).filter(([key]) => !input.tagKeys?.includes(key))))
    },

    GetTags: (input: GetTagsRequest, call: Call): Tags => ({ tags: read(input.resourceArn, call).tags }),
  }
}
