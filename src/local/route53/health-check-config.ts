// The settings of a health check: what CreateHealthCheck and UpdateHealthCheck take, and AWS's defaults.
// It keeps nothing: `health-check.ts` does.

import { isIP } from 'node:net'
import type { HealthCheckConfig, HealthCheckType, UpdateHealthCheckRequest } from '@aws-sdk/client-route-53'
import { invalidInput, unsupported } from './input.js'
import { defaultPort } from './prober.js'

const OTHER_AWS_TYPES = ['CLOUDWATCH_METRIC', 'RECOVERY_CONTROL']
const ENDPOINT_MEMBERS = [
  'IPAddress',
  'Port',
  'ResourcePath',
  'FullyQualifiedDomainName',
  'SearchString',
  'RequestInterval',
  'FailureThreshold',
  'MeasureLatency',
  'EnableSNI',
  'Regions',
] as const

const refuse = (text: string) => invalidInput(`Invalid parameter : ${text}`)

/** Checks the settings and fills in AWS's defaults. `isBasicCheck` tells whether an id names a check that is not CALCULATED. */
export function checkConfig(
  given: HealthCheckConfig,
  isBasicCheck: (id: string) => boolean,
): HealthCheckConfig {
  const config = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as unknown as HealthCheckConfig
  const type = config.Type!
  if (OTHER_AWS_TYPES.includes(type)) throw unsupported(`A health check of type ${type}`)
  if (config.AlarmIdentifier) throw refuse('Basic health checks must not have an metric region specified.')
  if (config.InsufficientDataHealthStatus) {
    throw refuse('Basic health checks must not have an insufficient data health status specified.')
  }
  if (config.RoutingControlArn)
    throw refuse('Basic health checks must not have a routing control ARN specified.')
  return type === 'CALCULATED' ? calculated(config, isBasicCheck) : endpoint(config, type)
}

function calculated(config: HealthCheckConfig, isBasicCheck: (id: string) => boolean): HealthCheckConfig {
  const surplus = ENDPOINT_MEMBERS.find((member) => config[member] !== undefined)
  if (surplus) throw refuse(`Calculated health checks must not have ${surplus} specified.`)
  const children = config.ChildHealthChecks ?? []
  // AWS: at most 256 children, and none of them CALCULATED.
  if (children.length > 256)
    throw refuse('Calculated health checks must not have more than 256 child health checks.')
  const wrong = children.find((id) => !isBasicCheck(id))
  if (wrong) throw refuse(`The child health check ${wrong} does not exist or is a calculated health check.`)
  if (config.HealthThreshold === undefined) {
    throw refuse('Calculated health checks must have a health threshold specified.')
  }
  return { Inverted: false, Disabled: false, ...config, ChildHealthChecks: children }
}

function endpoint(config: HealthCheckConfig, type: HealthCheckType): HealthCheckConfig {
  if (config.ChildHealthChecks || config.HealthThreshold !== undefined) {
    throw refuse('Basic health checks must not have child health checks or a health threshold specified.')
  }
  checkTarget(config)
  checkProtocol(config, type)
  if (config.RequestInterval !== undefined && ![10, 30].includes(config.RequestInterval)) {
    throw refuse(`RequestInterval must be 10 or 30, not ${config.RequestInterval}.`)
  }
  checkRegions(config.Regions)
  return {
    ...(type !== 'TCP' && { Port: defaultPort(config) }),
    RequestInterval: 30,
    FailureThreshold: 3,
    MeasureLatency: false,
    Inverted: false,
    Disabled: false,
    // AWS: SNI is the default of HTTPS checks, and means nothing elsewhere.
    EnableSNI: type.startsWith('HTTPS'),
    ...config,
  }
}

function checkTarget({ IPAddress, FullyQualifiedDomainName: name }: HealthCheckConfig): void {
  if (IPAddress === undefined && !name) {
    throw refuse('Basic health checks must have an IP address or a fully qualified domain name specified.')
  }
  if (IPAddress !== undefined && !isIP(IPAddress)) throw refuse(`${IPAddress} is not a valid IP address.`)
  if (name !== undefined && !/^[\w.-]+$/.test(name))
    throw refuse(`${name} is not a valid fully qualified domain name.`)
}

function checkProtocol(config: HealthCheckConfig, type: HealthCheckType): void {
  if (type === 'TCP') {
    if (config.Port === undefined) throw refuse('TCP health checks must have a port specified.')
    // AWS: spelt like this.
    if (config.ResourcePath) throw refuse('TCP health checks must not have a resource path specificed.')
    if (config.IPAddress && config.FullyQualifiedDomainName) {
      throw refuse(
        'TCP health checks that have IP address must not have a fully qualified domain name specified.',
      )
    }
  }
  const searches = type.endsWith('_STR_MATCH')
  if (searches && !config.SearchString)
    throw refuse(`${type} health checks must have a search string specified.`)
  if (!searches && config.SearchString)
    throw refuse(`${type} health checks must not have a search string specified.`)
}

function checkRegions(regions: HealthCheckConfig['Regions']): void {
  if (!regions) return
  // AWS: at least three of the eight checker regions.
  if (new Set(regions).size < 3)
    throw refuse('At least three distinct health checker regions must be specified.')
}

/** The settings after an update. Type, RequestInterval and MeasureLatency cannot be changed: the API has no member for them. */
export function updatedConfig(
  config: HealthCheckConfig,
  update: UpdateHealthCheckRequest,
): HealthCheckConfig {
  const { HealthCheckId, HealthCheckVersion, ResetElements = [], ...members } = update
  if (members.IPAddress !== undefined && config.IPAddress === undefined) {
    throw refuse('An IP address cannot be added to a health check that has none.')
  }
  const changed: Record<string, unknown> = { ...config }
  for (const [member, value] of Object.entries(members)) if (value !== undefined) changed[member] = value
  for (const element of ResetElements) {
    delete changed[element]
  }
  return changed as unknown as HealthCheckConfig
}
