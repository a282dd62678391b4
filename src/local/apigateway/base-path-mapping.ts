// Base path mappings: which stage of which API answers below a path of a custom domain.
import type {
  BasePathMapping,
  BasePathMappings,
  CreateBasePathMappingRequest,
  DeleteBasePathMappingRequest,
  GetBasePathMappingRequest,
  GetBasePathMappingsRequest,
  UpdateBasePathMappingRequest,
} from '@aws-sdk/client-api-gateway'
import type { Call, Operation } from '../ports.js'
import { pageOf } from './page.js'
import { applyPatch, type PatchRule } from './patch.js'
import {
  apiKey,
  type BasePathMappingRecord,
  type ControlPlane,
  domainKey,
  mappingKey,
  NO_BASE_PATH,
  partKey,
  withPrefix,
} from './record.js'
import { badRequest, conflict, noSuchDomain, noSuchMapping, unsupported } from './refusal.js'

const describeMapping = ({ basePath, restApiId, stage }: BasePathMappingRecord): BasePathMapping => ({
  basePath: basePath || NO_BASE_PATH,
  restApiId,
  ...(stage && { stage }),
})

/** AWS: `(none)` and the empty text are the same. */
function readBasePath(basePath: string | undefined): string {
  if (!basePath || basePath === NO_BASE_PATH) return ''
  if (basePath.includes('/')) {
    throw badRequest(
      "API Gateway V1 doesn't support the slash character (/) in base path mappings. To create a multi-level base path mapping, use API Gateway V2.",
    )
  }
  if (!/^[\w$\-.+!*'()]+$/.test(basePath)) throw badRequest('Base path is invalid')
  return basePath
}

const badStage = () => badRequest('Invalid stage identifier specified')

function checkTarget({ kept, world }: ControlPlane, mapping: BasePathMappingRecord): void {
  const { region, restApiId, stage } = mapping
  if (!kept.restApis.has(apiKey(region, restApiId))) throw badRequest('Invalid REST API identifier specified')
  const found = stage ? kept.stages.get(partKey(region, restApiId, stage)) : undefined
  // AWS: for some seconds a new stage is not known here.
  if (stage && (!found || world.clock.now() < found.mappableAt)) throw badStage()
}

const keyOf = ({ region, domainName, basePath }: BasePathMappingRecord) =>
  mappingKey(region, domainName, basePath)

/** AWS: the empty path stands alone, and a path is mapped once. `replaced` is about to go. */
function checkFree(
  { kept }: ControlPlane,
  mapping: BasePathMappingRecord,
  replaced?: BasePathMappingRecord,
): void {
  const others = withPrefix(kept.mappings, `${domainKey(mapping.region, mapping.domainName)}/`).filter(
    (each) => each.basePath !== replaced?.basePath,
  )
  if (others.some((each) => each.basePath === mapping.basePath)) {
    throw conflict('Base path already exists for this domain name')
  }
  if (others.length && (!mapping.basePath || others.some((each) => !each.basePath))) {
    throw conflict('Only one base path mapping is allowed if the base path is empty.')
  }
}

type Changed = { -readonly [K in keyof BasePathMappingRecord]: BasePathMappingRecord[K] }

const MAPPING_RULES: readonly PatchRule<Changed>[] = [
  {
    path: '/basePath',
    ops: ['replace'],
    apply(mapping, { value }) {
      mapping.basePath = readBasePath(value)
    },
  },
  {
    path: '/restapiId',
    ops: ['replace'],
    apply(mapping, { value }) {
      mapping.restApiId = value
    },
  },
  {
    path: '/stage',
    ops: ['replace'],
    apply(mapping, { value }) {
      mapping.stage = value
    },
  },
]

interface DomainInput {
  readonly domainName?: string | undefined
  readonly domainNameId?: string | undefined
}

export function basePathMappingOperations(plane: ControlPlane): Record<string, Operation> {
  const { world, kept } = plane

  function readDomain({ region }: Call, { domainName, domainNameId }: DomainInput) {
    if (domainNameId) throw unsupported('ids of private domain names')
    const domain = kept.domainNames.get(domainKey(region, domainName))
    if (!domain) throw noSuchDomain()
    return domain
  }
  function read(call: Call, input: DomainInput & { basePath?: string | undefined }): BasePathMappingRecord {
    const { region, name } = readDomain(call, input)
    const mapping = kept.mappings.get(mappingKey(region, name, readBasePath(input.basePath)))
    if (!mapping) throw noSuchMapping()
    return mapping
  }

  return {
    CreateBasePathMapping(input: CreateBasePathMappingRequest, call: Call): BasePathMapping {
      const { region, name, mappableAt } = readDomain(call, input)
      const mapping: BasePathMappingRecord = {
        region,
        domainName: name,
        basePath: readBasePath(input.basePath),
        restApiId: input.restApiId ?? '',
        stage: input.stage ?? '',
      }
      checkTarget(plane, mapping)
      // AWS: for some seconds after the domain was made, with this misleading text.
      if (world.clock.now() < mappableAt) throw badStage()
      checkFree(plane, mapping)
      kept.mappings.set(keyOf(mapping), mapping)
      return describeMapping(mapping)
    },

    GetBasePathMapping: (input: GetBasePathMappingRequest, call: Call): BasePathMapping =>
      describeMapping(read(call, input)),

    GetBasePathMappings(input: GetBasePathMappingsRequest, call: Call): BasePathMappings {
      const { region, name } = readDomain(call, input)
      const mappings = withPrefix(kept.mappings, `${domainKey(region, name)}/`)
      const page = pageOf(mappings, ({ basePath }) => basePath, input)
      return { ...page, items: page.items.map(describeMapping) }
    },

    UpdateBasePathMapping(input: UpdateBasePathMappingRequest, call: Call): BasePathMapping {
      const before = read(call, input)
      const mapping = applyPatch<Changed>(before, input.patchOperations, MAPPING_RULES)
      checkTarget(plane, mapping)
      checkFree(plane, mapping, before)
      kept.mappings.delete(keyOf(before))
      kept.mappings.set(keyOf(mapping), mapping)
      return describeMapping(mapping)
    },

    DeleteBasePathMapping(input: DeleteBasePathMappingRequest, call: Call): void {
      kept.mappings.delete(keyOf(read(call, input)))
    },
  }
}
