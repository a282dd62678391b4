// Which stage of which API a request is for, by its Host and the first parts of its path.
// What answers there is `data-plane.ts`'s.
import type { World } from '../world.js'
import { domainOfHost } from './certificate.js'
import { apiKey, type DomainNameRecord, type Kept, mappingKey, NO_BASE_PATH } from './record.js'
import { inEffect } from './transition.js'

export interface Destination {
  readonly restApiId: string
  readonly stage: string
  /** Below the stage, as the API's resources are. */
  readonly path: string
  /** What the function sees. AWS: without the stage on execute-api hosts, with the base path on custom domains. */
  readonly eventPath: string
  /** As the client asked for it. */
  readonly requestPath: string
  readonly isExecuteApi: boolean
}

interface Asked {
  readonly host: string
  readonly target: string
}

// AWS: docs "Known issues": reserved at the root of custom domains.
const RESERVED = ['/ping', '/sping']

/** Undefined when nothing is mapped there. */
export function destinationOf(
  world: World,
  kept: Kept,
  region: string,
  { host, target }: Asked,
): Destination | 'health-check' | undefined {
  // AWS: more than one slash at the start counts as one.
  const requestPath = (target.split('?')[0] ?? '').replace(/^\/+/, '/')
  const restApiId = executeApiLabel(host, region)
  if (restApiId !== undefined) {
    if (!kept.restApis.has(apiKey(region, restApiId))) return undefined
    const [stage, path] = splitFirst(requestPath)
    return { restApiId, stage, path, eventPath: path, requestPath, isExecuteApi: true }
  }
  const domain = domainOfHost({ kept }, region, host)
  if (!domain || !inEffect(world, domain.tls)) return undefined
  if (RESERVED.includes(requestPath)) return 'health-check'
  return mappedTo(kept, domain, requestPath)
}

/** The first label of an AWS host name of this region, an API's id or a domain's target; undefined for any other host. */
export function executeApiLabel(host: string, region: string): string | undefined {
  const at = host.indexOf('.')
  return at > 0 && host.slice(at) === `.execute-api.${region}.amazonaws.com` ? host.slice(0, at) : undefined
}

function mappedTo(
  kept: Kept,
  { region, name }: DomainNameRecord,
  requestPath: string,
): Destination | undefined {
  const [first, below] = splitFirst(requestPath)
  const own = first && first !== NO_BASE_PATH ? kept.mappings.get(mappingKey(region, name, first)) : undefined
  const mapping = own ?? kept.mappings.get(mappingKey(region, name, ''))
  if (!mapping) return undefined
  const common = { restApiId: mapping.restApiId, eventPath: requestPath, requestPath, isExecuteApi: false }
  const path = own ? below : requestPath
  if (mapping.stage) return { ...common, stage: mapping.stage, path }
  // AWS: a mapping without a stage leaves its name to the caller.
  const [stage, rest] = splitFirst(path)
  return { ...common, stage, path: rest }
}

/** `/dev/item/7` is `dev` and `/item/7`. */
function splitFirst(path: string): [first: string, rest: string] {
  const [, first = '', rest = ''] = /^\/([^/]*)(.*)$/s.exec(path) ?? []
  return [first, rest.replace(/^\/*/, '/')]
}
