// What people do in the cloud behind the tool's back, with other tools: they remove, change, and make things of their own
// under its names. Faults do not hinder them; what AWS refuses them stays as it was.
import { DeleteCertificateCommand, RequestCertificateCommand } from '@aws-sdk/client-acm'
import {
  CreateRestApiCommand,
  DeleteBasePathMappingCommand,
  DeleteDeploymentCommand,
  DeleteDomainNameCommand,
  DeleteRestApiCommand,
  DeleteStageCommand,
} from '@aws-sdk/client-api-gateway'
import {
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import {
  CreateTableCommand,
  DeleteTableCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb'
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { DeleteFunctionCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda'
import {
  ChangeResourceRecordSetsCommand,
  CreateHealthCheckCommand,
  CreateTrafficPolicyCommand,
  DeleteHealthCheckCommand,
  DeleteTrafficPolicyCommand,
  DeleteTrafficPolicyInstanceCommand,
  type ResourceRecordSet,
  UpdateHealthCheckCommand,
  UpdateTrafficPolicyInstanceCommand,
} from '@aws-sdk/client-route-53'
import { clientsFor } from '../../src/aws/clients.js'
import type { Clients } from '../../src/aws/context.js'
import { clockAt } from '../../src/base/clock.js'
import type { Config } from '../../src/config/load.js'
import { UNSIGNED } from './clients.js'
import { OPERATOR, type SimulatedCloud } from './cloud.js'
import type { Kind, Resource } from './inventory.js'

export type Foreign =
  | 'log group'
  | 'role'
  | 'table'
  | 'traffic policy'
  | 'record'
  | 'rest api'
  | 'certificate'
  | 'health check'

/** Those that stand where the stack would: it refuses, and they must go before it can stand. */
export const IN_THE_WAY: readonly Foreign[] = ['log group', 'role', 'table', 'traffic policy', 'record']
/** Those beside which it can stand. */
export const BYSTANDERS: readonly Foreign[] = ['rest api', 'certificate', 'health check']

/** Clients of the operator's that no fault hinders and nobody watches. */
export const clientsOfHands = (cloud: SimulatedCloud): ((region: string) => Clients) =>
  clientsFor({
    clock: clockAt(1),
    emit: () => undefined,
    endpoint: 'http://cloud',
    credentials: OPERATOR,
    parts: {
      ...UNSIGNED,
      requestHandler: { handle: async (request) => ({ response: await cloud.sendQuietly(request) }) },
    },
  })

export class Hands {
  readonly #cloud: SimulatedCloud
  readonly #clients: (region: string) => Clients

  constructor(cloud: SimulatedCloud) {
    this.#cloud = cloud
    this.#clients = clientsOfHands(cloud)
  }

  /** True where AWS let them. */
  async remove(one: Resource): Promise<boolean> {
    return allowed(this.#remove(one, this.#in(one.region)))
  }

  /** Changes a setting, where the kind has one that can be. */
  async alter(one: Resource): Promise<boolean> {
    return allowed(this.#alter(one, this.#in(one.region)))
  }

  /** Makes something of that kind under the stack's names. */
  async make(what: Foreign, config: Config, region: string): Promise<boolean> {
    return allowed(this.#make(what, config, this.#in(region), region))
  }

  #in(region: string): Clients {
    return this.#clients(region === 'global' ? 'us-east-1' : region)
  }

  get zoneId(): string {
    const [zone] = [...this.#cloud.wiring.store.collection<{ id: string }>('route53.hosted-zone').values()]
    return zone!.id
  }

  #remove({ kind, key, name, content }: Resource, at: Clients): Promise<unknown> {
    const id = key.slice(key.lastIndexOf('/') + 1)
    const moves: Readonly<Record<Kind, () => Promise<unknown>>> = {
      table: async () => {
        await at.dynamodb.send(new UpdateTableCommand({ TableName: name, DeletionProtectionEnabled: false }))
        await new Promise((resolve) => setTimeout(resolve, 60_000))
        await at.dynamodb.send(new DeleteTableCommand({ TableName: name }))
      },
      role: async () => {
        for (const PolicyName of Object.keys((JSON.parse(content) as { inline: object }).inline))
          await at.iam.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName }))
        await at.iam.send(new DeleteRoleCommand({ RoleName: name }))
      },
      'log-group': () => at.logs.send(new DeleteLogGroupCommand({ logGroupName: name })),
      function: () => at.lambda.send(new DeleteFunctionCommand({ FunctionName: name })),
      'rest-api': () => at.apigateway.send(new DeleteRestApiCommand({ restApiId: id })),
      deployment: () =>
        at.apigateway.send(new DeleteDeploymentCommand({ restApiId: name, deploymentId: id })),
      stage: () => {
        const { restApiId } = JSON.parse(content) as { restApiId: string }
        return at.apigateway.send(new DeleteStageCommand({ restApiId, stageName: name }))
      },
      'domain-name': () => at.apigateway.send(new DeleteDomainNameCommand({ domainName: name })),
      mapping: () =>
        at.apigateway.send(new DeleteBasePathMappingCommand({ domainName: name, basePath: '(none)' })),
      certificate: () => at.acm.send(new DeleteCertificateCommand({ CertificateArn: key.slice(12) })),
      'health-check': () =>
        at.route53.send(new DeleteHealthCheckCommand({ HealthCheckId: key.split(' ')[1] })),
      'policy-version': () => {
        const [Id, version] = key.split(' ')[1]!.split('/')
        return at.route53.send(new DeleteTrafficPolicyCommand({ Id, Version: Number(version) }))
      },
      'policy-instance': () =>
        at.route53.send(new DeleteTrafficPolicyInstanceCommand({ Id: key.split(' ')[1] })),
      record: () => this.#record(at, 'DELETE', JSON.parse(content) as ResourceRecordSet),
    }
    return moves[kind]()
  }

  async #alter({ kind, key, name }: Resource, at: Clients): Promise<unknown> {
    switch (kind) {
      case 'function':
        return at.lambda.send(
          new UpdateFunctionConfigurationCommand({ FunctionName: name, MemorySize: 1024 }),
        )
      case 'role':
        return at.iam.send(
          new PutRolePolicyCommand({
            RoleName: name,
            PolicyName: 'by-hand',
            PolicyDocument: JSON.stringify({
              Version: '2012-10-17',
              Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
            }),
          }),
        )
      case 'log-group':
        return at.logs.send(new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays: 1 }))
      case 'health-check':
        return at.route53.send(
          new UpdateHealthCheckCommand({ HealthCheckId: key.split(' ')[1], FailureThreshold: 9 }),
        )
      case 'table':
        return at.dynamodb.send(
          new UpdateContinuousBackupsCommand({
            TableName: name,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
          }),
        )
      case 'policy-instance': {
        const own = new CreateTrafficPolicyCommand({
          Name: 'elsewhere',
          Document: POLICY,
          Comment: 'by hand',
        })
        const { TrafficPolicy } = await at.route53.send(own)
        return at.route53.send(
          new UpdateTrafficPolicyInstanceCommand({
            Id: key.split(' ')[1],
            TTL: 60,
            TrafficPolicyId: TrafficPolicy!.Id,
            TrafficPolicyVersion: 1,
          }),
        )
      }
      default:
        throw new Error('nothing that hands would change')
    }
  }

  #make(what: Foreign, config: Config, at: Clients, region: string): Promise<unknown> {
    const { stack, domain, table } = config
    const key = config.functions[0]!.key
    const AttributeName = 'own'
    const moves: Readonly<Record<Foreign, () => Promise<unknown>>> = {
      'log group': () =>
        at.logs.send(new CreateLogGroupCommand({ logGroupName: `/aws/lambda/${stack}-${key}` })),
      role: () =>
        at.iam.send(
          new CreateRoleCommand({
            RoleName: `${stack}-${key}-${region}`,
            AssumeRolePolicyDocument: TRUST,
          }),
        ),
      table: () =>
        at.dynamodb.send(
          new CreateTableCommand({
            TableName: table.name,
            KeySchema: [{ AttributeName, KeyType: 'HASH' }],
            AttributeDefinitions: [{ AttributeName, AttributeType: 'S' }],
            BillingMode: 'PAY_PER_REQUEST',
          }),
        ),
      'traffic policy': () =>
        at.route53.send(
          new CreateTrafficPolicyCommand({ Name: stack, Document: POLICY, Comment: 'by hand' }),
        ),
      record: () =>
        this.#record(at, 'CREATE', {
          Name: `${domain}.`,
          Type: 'CNAME',
          TTL: 60,
          ResourceRecords: [{ Value: 'elsewhere.example.org' }],
        }),
      'rest api': () =>
        at.apigateway.send(
          new CreateRestApiCommand({ name: stack, endpointConfiguration: { types: ['REGIONAL'] } }),
        ),
      certificate: () =>
        at.acm.send(new RequestCertificateCommand({ DomainName: domain, ValidationMethod: 'DNS' })),
      'health check': () =>
        at.route53.send(
          new CreateHealthCheckCommand({
            CallerReference: `by hand ${Date.now()}`,
            HealthCheckConfig: { Type: 'CALCULATED', HealthThreshold: 0, ChildHealthChecks: [] },
          }),
        ),
    }
    return moves[what]()
  }

  #record(at: Clients, Action: 'CREATE' | 'DELETE', ResourceRecordSet: ResourceRecordSet) {
    return at.route53.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: this.zoneId,
        ChangeBatch: { Changes: [{ Action, ResourceRecordSet }] },
      }),
    )
  }
}

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
})

const POLICY = JSON.stringify({
  AWSPolicyFormatVersion: '2015-10-01',
  RecordType: 'A',
  StartEndpoint: 'one',
  Endpoints: { one: { Type: 'value', Value: '192.0.2.1' } },
})

async function allowed(move: Promise<unknown>): Promise<boolean> {
  return move.then(
    () => true,
    () => false,
  )
}
