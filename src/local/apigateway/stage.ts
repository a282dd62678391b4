// Stages: names under which deployments are served. A change of a stage is in effect some seconds later; until then
// what it served before goes on. Requests to it are `data-plane.ts`'s.
import type {
  CreateStageRequest,
  DeleteStageRequest,
  GetStageRequest,
  GetStagesRequest,
  Stage,
  Stages,
  UpdateStageRequest,
} from '@aws-sdk/client-api-gateway'
import type { Call, Operation } from '../ports.js'
import { applyPatch, notHere, type PatchRule, patchEntry, patchText } from './patch.js'
import { type ControlPlane, partKey, type StageRecord, withPrefix } from './record.js'
import { badRequest, conflict, limitExceeded, noSuchStage, unsupported } from './refusal.js'
import { readApi } from './resource.js'
import { changeMethodSetting } from './stage-setting.js'
import { checkTags } from './tags.js'
import { moveTo } from './transition.js'

function describeStage(stage: StageRecord): Stage {
  const { stageName, deploymentId, description, variables, methodSettings, tags } = stage
  return {
    stageName,
    deploymentId,
    ...(description !== undefined && { description }),
    ...(Object.keys(variables).length && { variables }),
    ...(Object.keys(tags).length && { tags }),
    methodSettings,
    cacheClusterEnabled: false,
    cacheClusterStatus: 'NOT_AVAILABLE',
    tracingEnabled: false,
    createdDate: new Date(stage.createdAt),
    lastUpdatedDate: new Date(stage.updatedAt),
  }
}

export interface StageInput {
  readonly restApiId?: string | undefined
  readonly stageName?: string | undefined
  readonly deploymentId: string
  readonly stageDescription?: string | undefined
  readonly variables?: Record<string, string> | undefined
}

/** Makes that stage, or points the one that exists to the deployment, as CreateDeployment does with a stage name. */
export function pointStage(plane: ControlPlane, call: Call, input: StageInput): void {
  const current = plane.kept.stages.get(partKey(call.region, input.restApiId, input.stageName))
  const { deploymentId, stageDescription, variables } = input
  if (variables) for (const key of Object.keys(variables)) checkVariable(key, variables[key]!)
  const changes = {
    deploymentId,
    ...(stageDescription && { description: stageDescription }),
    ...(variables && { variables }),
  }
  keepStage(plane, call, { ...(current ?? newStage(plane, call, input)), ...changes })
}

// AWS: docs "Quotas": stages per API.
const MOST_STAGES = 10

function newStage({ world, kept }: ControlPlane, { region }: Call, input: StageInput): StageRecord {
  const { restApiId, stageName = '', deploymentId } = input
  if (!/^[\w-]{1,128}$/.test(stageName)) {
    throw badRequest('Stage name only allows a-zA-Z0-9_-')
  }
  if (withPrefix(kept.stages, partKey(region, restApiId, '')).length >= MOST_STAGES) {
    throw limitExceeded('Stages', 'API')
  }
  return {
    region,
    restApiId: restApiId!,
    stageName,
    deploymentId,
    variables: {},
    methodSettings: {},
    tags: {},
    createdAt: world.clock.now(),
    updatedAt: world.clock.now(),
    mappableAt: world.clock.after(world.takes('apigateway.mapping-refused-after-stage')),
    serving: {},
  }
}

/** Keeps the stage, what it now says being in effect after some seconds. */
function keepStage(plane: ControlPlane, call: Call, stage: StageRecord): StageRecord {
  const { world, kept } = plane
  const { deploymentId, variables, methodSettings } = stage
  const executeApiEndpointDisabled = readApi(plane, call, stage.restApiId).disableExecuteApiEndpoint
  const serving = { deploymentId, variables, methodSettings, executeApiEndpointDisabled }
  const changed: StageRecord = {
    ...stage,
    updatedAt: world.clock.now(),
    serving: moveTo(world, stage.serving, serving, world.takes('apigateway.stage-live')),
  }
  kept.stages.set(partKey(stage.region, stage.restApiId, stage.stageName), changed)
  return changed
}

// AWS: docs "Stage variables": names of letters, digits and underscores, values of these characters.
function checkVariable(key: string, value: string): void {
  if (!/^\w+$/.test(key)) throw badRequest(`Stage variable name only allows a-zA-Z0-9_: ${key}`)
  if (!/^[A-Za-z0-9\-._~:/?#&=,]+$/.test(value)) {
    throw badRequest('Stage variable value must match the regular expression [A-Za-z0-9-._~:/?#&=,]+')
  }
}

function refuseOptions(input: CreateStageRequest): void {
  if (input.cacheClusterEnabled) throw unsupported('cache clusters')
  if (input.canarySettings) throw unsupported('canary releases')
  if (input.tracingEnabled) throw unsupported('X-Ray tracing')
  if (input.documentationVersion) throw unsupported('documentation versions')
}

const stageRules = (plane: ControlPlane): readonly PatchRule<StageRecord>[] => [
  {
    path: '/deploymentId',
    ops: ['replace'],
    apply(stage, { value }) {
      checkDeployment(plane, stage.region, stage.restApiId, value)
      stage.deploymentId = value
    },
  },
  patchText('/description', 'description'),
  patchEntry(
    '/variables/*',
    ({ variables }) => variables,
    ({ key, value }) => checkVariable(key, value),
  ),
  ...notHere<StageRecord>(
    '/cacheClusterEnabled',
    '/cacheClusterSize',
    '/clientCertificateId',
    '/tracingEnabled',
    '/accessLogSettings/*',
    '/canarySettings/*',
  ),
  {
    path: '/*',
    ops: ['add', 'replace', 'remove'],
    apply: ({ methodSettings }, step) => changeMethodSetting(methodSettings, step),
  },
]

function checkDeployment({ kept }: ControlPlane, region: string, restApiId: string, id: string | undefined) {
  if (!kept.deployments.has(partKey(region, restApiId, id))) throw badRequest('Deployment id does not exist')
}

export function stageOperations(plane: ControlPlane): Record<string, Operation> {
  const { kept } = plane
  const rules = stageRules(plane)

  function read(call: Call, restApiId: string | undefined, stageName: string | undefined): StageRecord {
    const stage = kept.stages.get(partKey(call.region, restApiId, stageName))
    if (stage) return stage
    readApi(plane, call, restApiId)
    throw noSuchStage()
  }

  return {
    CreateStage(input: CreateStageRequest, call: Call): Stage {
      refuseOptions(input)
      const { id, region } = readApi(plane, call, input.restApiId)
      if (kept.stages.has(partKey(region, id, input.stageName))) throw conflict('Stage already exists')
      checkDeployment(plane, region, id, input.deploymentId)
      const { description, variables = {} } = input
      for (const [key, value] of Object.entries(variables)) checkVariable(key, value)
      const stage = newStage(plane, call, { ...input, deploymentId: input.deploymentId! })
      const tags = checkTags(input.tags)
      return describeStage(
        keepStage(plane, call, { ...stage, ...(description && { description }), variables, tags }),
      )
    },

    GetStage: (input: GetStageRequest, call: Call): Stage =>
      describeStage(read(call, input.restApiId, input.stageName)),

    GetStages(input: GetStagesRequest, call: Call): Stages {
      const { id, region } = readApi(plane, call, input.restApiId)
      const stages = withPrefix(kept.stages, partKey(region, id, ''))
      const wanted = stages.filter((each) => !input.deploymentId || each.deploymentId === input.deploymentId)
      return { item: wanted.map(describeStage) }
    },

    UpdateStage: (input: UpdateStageRequest, call: Call): Stage =>
      describeStage(
        keepStage(
          plane,
          call,
          applyPatch(read(call, input.restApiId, input.stageName), input.patchOperations, rules),
        ),
      ),

    DeleteStage(input: DeleteStageRequest, call: Call): void {
      const { region, restApiId, stageName } = read(call, input.restApiId, input.stageName)
      const mappings = withPrefix(kept.mappings, `${region}/`)
      const holding = mappings.filter((each) => each.restApiId === restApiId && each.stage === stageName)
      if (holding.length) {
        const domains = [...new Set(holding.map(({ domainName }) => domainName))].join(', ')
        throw badRequest(
          `Deleting stage ${stageName} failed. Please remove all base path mappings related to the stage in your domains: ${domains}`,
        )
      }
      kept.stages.delete(partKey(region, restApiId, stageName))
    },
  }
}
