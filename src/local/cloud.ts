// The whole local cloud in one process: builds the services, tells each whom it may ask, opens the doors. What a service
// does is its own room's; the process around this is `daemon.ts`.
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import { acmService } from './acm/service.js'
import { apigatewayService } from './apigateway/service.js'
import { createWorld, type WorldOptions } from './create-world.js'
import { type DynamoDbService, dynamodbService } from './dynamodb/service.js'
import { type Faults, openFaults } from './fault/faults.js'
import { faultyLambda } from './fault/faulty-lambda.js'
import { lambdaService } from './lambda/service.js'
import { type LogsReader, logsService } from './logs/service.js'
import { type Machine, thisMachine } from './machine.js'
import type { CertificateHoldersPort, DnsPort, LocalService, Place, PlacesPort } from './ports.js'
import type { Profile } from './profile.js'
import { type HealthView, route53Service } from './route53/service.js'
import { iamService } from './sts-iam/iam.js'
import type { Operator } from './sts-iam/operator.js'
import { stsService } from './sts-iam/sts.js'
import { WIRE_CLIENTS } from './wire/clients.js'
import type { Front } from './wire/front.js'
import { createQuotas } from './wire/quota.js'

export interface CloudOptions {
  /** Folder of this cloud's data. */
  readonly dataDir: string
  readonly scale: number
  readonly profile: Profile
  /** Jitter of the times; the same seed gives the same. */
  readonly seed: number
  readonly operator: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** Regions that stand from the start; others appear at their first call. */
  readonly regions: readonly string[]
  /** The public name that the edge port serves, and the zone that is there from the first start. */
  readonly domain?: string
  readonly zone?: string
  /** Port of the front door, taken again after a restart. */
  readonly port?: number
  /** IAM restricts the operator, too: to what `operator.setPolicy` allows. */
  readonly enforceIam?: boolean
  readonly log: (line: string) => void
  /** Default: the machine's clock, and a seeded jitter. Tests bring their own. */
  readonly clock?: WorldOptions['clock']
  readonly jitter?: WorldOptions['jitter']
  /** Default: this one. */
  readonly machine?: Machine
  admin?(request: IncomingMessage, response: ServerResponse): Promise<void> | void
}

export interface Cloud {
  readonly endpointUrl: string
  readonly port: number
  readonly edgeUrl: string
  readonly dns: { readonly address: string; readonly port: number }
  readonly caFile: string
  readonly logs: LogsReader
  /** What the account's own user may do, and what he did with it. */
  readonly operator: Operator
  readonly faults: Faults
  /** The operations that are served, by service. */
  operations(): Readonly<Record<string, readonly string[]>>
  calls(): ReturnType<Front['calls']>
  places(): readonly Place[]
  healthChecks(): readonly HealthView[]
  /** What is on its way between regions; pairs with nothing pending are left out. */
  replicationLag(): ReturnType<DynamoDbService['replicationLag']>
  /** How many there are, in all regions. */
  resources(): { readonly tables: number; readonly functions: number; readonly apis: number }
  /** Log groups of functions, by region. */
  logGroups(): readonly { region: string; group: string }[]
  /** Resolves when no kill of this process loses what was done. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** Opens everything in the order in which it is needed; what is kept goes on where it was. */
export async function openCloud(options: CloudOptions): Promise<Cloud> {
  const { dataDir, scale, profile, seed, clock, jitter, log, machine = thisMachine } = options
  const store = await machine.openStore(path.join(dataDir, 'store'))
  const world = createWorld({ dataDir, scale, profile, seed, clock, jitter, store, log })
  const authority = await machine.openAuthority(dataDir)
  // Services ask each other in circles (a certificate its domain, a domain its certificate), so two are met late.
  const late: { edge?: PlacesPort; holders?: CertificateHoldersPort; dns?: DnsPort; front?: Front } = {}

  const faults = openFaults(world, () => operationsOf(services))
  const places: PlacesPort = {
    list: () => late.edge?.list() ?? [],
    placeOfHost: (host) => late.edge?.placeOfHost(host),
  }
  const iam = iamService(world, options.operator, options.enforceIam)
  const logs = logsService(world)
  const lambda = await lambdaService(world, {
    iam,
    logs,
    endpointUrl: () => late.front!.url,
    caFile: authority.caFile,
    openCode: machine.openCode,
    startHost: machine.startHost,
  })
  const dynamodb = await dynamodbService(world, faults, iam, machine.openEngine)
  const route53 = await route53Service(world, {
    places,
    dial: (host, port) => {
      const place = port === 443 ? places.placeOfHost(host) : undefined
      return place && { address: place.address, port: place.httpsPort }
    },
    startDns: machine.startDns,
    prober: machine.prober,
  })
  const acm = acmService(world, {
    authority,
    holders: { holdersOf: (arn) => late.holders?.holdersOf(arn) ?? [] },
    dns: route53,
    leafKeys: machine.leafKeys,
  })
  const apigateway = apigatewayService(world, {
    lambda: faultyLambda(lambda, faults),
    certificates: acm,
    linkedRoles: iam,
    faults,
  })
  late.holders = apigateway
  const edge = await machine.openEdge({
    world,
    authority,
    certificates: acm,
    gateway: apigateway,
    dns: route53,
    faults,
    caPem: authority.caPem,
    publicName: () => options.domain,
  })
  late.edge = edge.places
  for (const region of options.regions) await edge.ensure(region)
  if (options.zone) await foundZone(options.zone)

  const services: readonly LocalService[] = [
    dynamodb,
    lambda,
    apigateway,
    route53,
    acm,
    iam,
    stsService(world),
    logs,
  ]
  late.front = await machine.startFront({
    world,
    services,
    clients: WIRE_CLIENTS,
    credentials: iam.credentialsOf,
    isChecked: iam.isChecked,
    authorize: (principal, _service, wants, region) => {
      for (const want of wants) {
        const context = { 'aws:RequestedRegion': region, ...want.context }
        const decision = iam.decide(principal, want.action, want.resource, context)
        if (!decision.allowed)
          return { ...want, allowed: false, explicit: decision.explicit, message: decision.message }
      }
      return { allowed: true }
    },
    quotas: createQuotas(world),
    faults,
    onRegion: edge.ensure,
    admin: options.admin,
    port: options.port,
  })
  lambda.start()
  acm.start()
  await route53.start()
  await store.flush()

  /** Only once in the life of this cloud: who deletes the zone wants it gone. */
  async function foundZone(name: string): Promise<void> {
    const founded = store.collection<{ zone: string }>('cloud.founded')
    if (founded.has('zone')) return
    await route53.ensureZone(name)
    founded.set('zone', { zone: name })
  }

  return {
    endpointUrl: late.front.url,
    port: late.front.port,
    edgeUrl: edge.edgeUrl,
    dns: route53.dns,
    caFile: authority.caFile,
    logs,
    operator: iam.operator,
    faults,
    operations: () => operationsOf(services),
    calls: () => late.front!.calls(),
    places: () => places.list(),
    healthChecks: () => route53.healthChecks(),
    replicationLag: () => dynamodb.replicationLag(),
    resources: () => ({
      tables: store.collection('dynamodb.table').size,
      functions: store.collection('lambda.function').size,
      apis: store.collection('apigateway.rest-api').size,
    }),
    logGroups: () =>
      [...store.collection<unknown>('logs.group').keys()].map((key) => ({
        region: key.slice(0, key.indexOf('/')),
        group: key.slice(key.indexOf('/') + 1),
      })),
    flush: () => store.flush(),
    async close() {
      faults.close()
      await late.front!.close()
      await Promise.all([edge.close(), acm.close(), route53.close()])
      await lambda.close()
      await logs.close()
      await dynamodb.close?.()
      await store.close()
    },
  }
}

const operationsOf = (services: readonly LocalService[]) =>
  Object.fromEntries(
    services.map(({ name, operations, rawOperations = [] }) => [
      name,
      [...Object.keys(operations), ...rawOperations].sort(),
    ]),
  )
