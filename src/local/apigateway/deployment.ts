// Deployments: copies of an API as it was, which stages point to. Which one a stage answers with, and from when, is
// `stage.ts`'s.
import type {
  CreateDeploymentRequest,
  DeleteDeploymentRequest,
  Deployment,
  Deployments,
  ExportResponse,
  GetDeploymentRequest,
  GetDeploymentsRequest,
  GetExportRequest,
  MethodSnapshot,
  UpdateDeploymentRequest,
} from '@aws-sdk/client-api-gateway'
import type { Call, Operation } from '../ports.js'
import { exportDocument } from './openapi-export.js'
import { pageOf } from './page.js'
import { applyPatch, type PatchRule, patchText } from './patch.js'
import { type ControlPlane, type DeploymentRecord, freshId, partKey, withPrefix } from './record.js'
import { badRequest, noSuchDeployment, noSuchStage, unsupported } from './refusal.js'
import { readApi } from './resource.js'
import { pointStage } from './stage.js'

function describeDeployment(
  { id, description, createdAt, snapshot }: DeploymentRecord,
  embed: readonly string[] = [],
): Deployment {
  const summary = snapshot.resources.map(({ path, methods }) => [
    path,
    Object.fromEntries(
      Object.keys(methods).map((name): [string, MethodSnapshot] => [
        name,
        { authorizationType: 'NONE', apiKeyRequired: false },
      ]),
    ),
  ])
  return {
    id,
    ...(description !== undefined && { description }),
    createdDate: new Date(createdAt),
    ...(embed.includes('apisummary') && { apiSummary: Object.fromEntries(summary) }),
  }
}

function refuseOptions(input: CreateDeploymentRequest): void {
  if (input.cacheClusterEnabled) throw unsupported('cache clusters')
  if (input.canarySettings) throw unsupported('canary releases')
  if (input.tracingEnabled) throw unsupported('X-Ray tracing')
}

function deploy(plane: ControlPlane, input: CreateDeploymentRequest, call: Call): DeploymentRecord {
  const { world, kept } = plane
  const { id: restApiId, region, ...api } = readApi(plane, call, input.restApiId)
  const methods = api.resources.flatMap((each) => Object.values(each.methods))
  if (!methods.length) throw badRequest("The REST API doesn't contain any methods")
  if (!methods.every((each) => each.methodIntegration)) throw badRequest('No integration defined for method')
  const { name, description, version, resources, models, binaryMediaTypes, policy } = api
  return {
    region,
    restApiId,
    id: freshId(world, 6, (id) => kept.deployments.has(partKey(region, restApiId, id))),
    ...(input.description && { description: input.description }),
    createdAt: world.clock.now(),
    snapshot: {
      name,
      ...(description !== undefined && { description }),
      ...(version !== undefined && { version }),
      resources,
      models,
      binaryMediaTypes,
      ...(policy && { policy }),
    },
  }
}

const DEPLOYMENT_RULES: readonly PatchRule<DeploymentRecord>[] = [patchText('/description', 'description')]

export function deploymentOperations(plane: ControlPlane): Record<string, Operation> {
  const { kept } = plane

  function read({ region }: Call, restApiId: string | undefined, id: string | undefined): DeploymentRecord {
    const deployment = kept.deployments.get(partKey(region, restApiId, id))
    if (!deployment) throw noSuchDeployment()
    return deployment
  }
  function keep(deployment: DeploymentRecord): DeploymentRecord {
    kept.deployments.set(partKey(deployment.region, deployment.restApiId, deployment.id), deployment)
    return deployment
  }

  return {
    CreateDeployment(input: CreateDeploymentRequest, call: Call): Deployment {
      refuseOptions(input)
      const deployment = deploy(plane, input, call)
      // The stage's name is checked before anything is kept.
      if (input.stageName) pointStage(plane, call, { ...input, deploymentId: deployment.id })
      return describeDeployment(keep(deployment))
    },

    GetDeployment: (input: GetDeploymentRequest, call: Call): Deployment =>
      describeDeployment(read(call, input.restApiId, input.deploymentId), input.embed),

    GetDeployments(input: GetDeploymentsRequest, call: Call): Deployments {
      const { id, region } = readApi(plane, call, input.restApiId)
      const page = pageOf(withPrefix(kept.deployments, partKey(region, id, '')), (each) => each.id, input)
      return { ...page, items: page.items.map((each) => describeDeployment(each)) }
    },

    UpdateDeployment: (input: UpdateDeploymentRequest, call: Call): Deployment =>
      describeDeployment(
        keep(
          applyPatch(
            read(call, input.restApiId, input.deploymentId),
            input.patchOperations,
            DEPLOYMENT_RULES,
          ),
        ),
      ),

    DeleteDeployment(input: DeleteDeploymentRequest, call: Call): void {
      const { region, restApiId, id } = read(call, input.restApiId, input.deploymentId)
      const stages = withPrefix(kept.stages, partKey(region, restApiId, ''))
      if (stages.some(({ deploymentId }) => deploymentId === id)) {
        throw badRequest('Active stages pointing to this deployment must be moved or deleted')
      }
      kept.deployments.delete(partKey(region, restApiId, id))
    },

    GetExport(input: GetExportRequest, call: Call): ExportResponse {
      const { id, region } = readApi(plane, call, input.restApiId)
      const stage = kept.stages.get(partKey(region, id, input.stageName))
      if (!stage) throw noSuchStage()
      const { snapshot } = read(call, id, stage.deploymentId)
      return exportOf(snapshot, input, `${id}.execute-api.${region}.amazonaws.com`)
    },
  }
}

function exportOf(
  snapshot: DeploymentRecord['snapshot'],
  input: GetExportRequest,
  host: string,
): ExportResponse {
  if (input.exportType !== 'oas30') throw unsupported(`exports of type ${input.exportType}: give oas30`)
  if ((input.accepts ?? 'application/json') !== 'application/json') {
    throw unsupported(`exports as ${input.accepts}: give application/json`)
  }
  const extensions = input.parameters?.extensions
  if (extensions && !['integrations', 'apigateway'].includes(extensions)) {
    throw unsupported(`the export parameter extensions=${extensions}`)
  }
  const withExtensions = extensions !== undefined
  const document = exportDocument(snapshot, { host, stageName: input.stageName!, withExtensions })
  return {
    contentType: 'application/octet-stream',
    contentDisposition: `attachment; filename="oas30_${snapshot.version ?? snapshot.name}.json"`,
    body: Buffer.from(JSON.stringify(document, undefined, 2)),
  }
}
