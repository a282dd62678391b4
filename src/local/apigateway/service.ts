// API Gateway's REST APIs, all regions: the control plane's operations put together, and what the edge and ACM ask of it.
// Each noun has a file of its own; requests to the APIs go through `data-plane.ts`.
import type { Account } from '@aws-sdk/client-api-gateway'
import type {
  CallFaults,
  CertificateHoldersPort,
  CertificatesPort,
  LambdaPort,
  LinkedRolesPort,
  LocalService,
  Operation,
} from '../ports.js'
import type { World } from '../world.js'
import { basePathMappingOperations } from './base-path-mapping.js'
import { certificateHolders } from './certificate.js'
import { createDataPlane } from './data-plane.js'
import { deploymentOperations } from './deployment.js'
import { domainNameOperations } from './domain-name.js'
import type { Gateway } from './gateway.js'
import { methodOperations } from './method.js'
import { integrationOperations } from './method-integration.js'
import { permissionsOf } from './permission.js'
import { type ControlPlane, openKept } from './record.js'
import { resourceOperations } from './resource.js'
import { restApiOperations } from './rest-api.js'
import { stageOperations } from './stage.js'
import { tagOperations } from './tags.js'

export interface ApiGatewayPorts {
  readonly lambda: LambdaPort
  readonly certificates: CertificatesPort
  /** Default: no role is made. */
  readonly linkedRoles?: LinkedRolesPort
  /** Default: none. */
  readonly faults?: CallFaults
}

/** The service, what ACM asks of it, and what the edge needs of it. */
export type ApiGatewayService = LocalService & CertificateHoldersPort & Gateway

export function apigatewayService(
  world: World,
  { lambda, certificates, linkedRoles, faults }: ApiGatewayPorts,
): ApiGatewayService {
  const kept = openKept(world)
  const plane: ControlPlane = { world, kept, certificates, ...(linkedRoles && { linkedRoles }) }
  return {
    name: 'apigateway',
    operations: {
      ...restApiOperations(plane),
      ...resourceOperations(plane),
      ...methodOperations(plane),
      ...integrationOperations(plane),
      ...deploymentOperations(plane),
      ...stageOperations(plane),
      ...domainNameOperations(plane),
      ...basePathMappingOperations(plane),
      ...tagOperations(plane),
      ...accountOperations,
    },
    authorize: permissionsOf,
    ...certificateHolders(plane),
    ...createDataPlane({ world, kept, lambda, faults }),
  }
}

const accountOperations: Record<string, Operation> = {
  // AWS: the throttle of a new account.
  GetAccount: (): Account => ({
    throttleSettings: { burstLimit: 5000, rateLimit: 10_000 },
    features: ['UsagePlans'],
    apiKeyVersion: '4',
  }),
}
