// What APIs and custom domains have in common at their endpoint: its type, its addresses, its TLS policy.
// Regional endpoints with the legacy policies are all there are here.
import type { EndpointConfiguration } from '@aws-sdk/client-api-gateway'
import type { SecurityPolicy } from './record.js'
import { badRequest, unsupported } from './refusal.js'

/** The address type of a regional endpoint. AWS: without a configuration the endpoint is EDGE, which is refused here. */
export function checkEndpoint(configuration: EndpointConfiguration | undefined): 'ipv4' | 'dualstack' {
  const types = configuration?.types ?? ['EDGE']
  if (types.length > 1) throw badRequest('Cannot create an api with multiple Endpoint Types.')
  if (!types.length) {
    throw badRequest('REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.')
  }
  if (configuration?.vpcEndpointIds?.length) throw unsupported('VPC endpoints')
  if (types[0] !== 'REGIONAL') throw unsupported(`endpoints of type ${types[0]}: give REGIONAL`)
  const addressType = configuration?.ipAddressType ?? 'ipv4'
  if (addressType !== 'ipv4' && addressType !== 'dualstack') {
    throw badRequest('ipAddressType must be either ipv4 or dualstack.')
  }
  return addressType
}

/** AWS: the enhanced policies want an endpointAccessMode too, and take a quarter of an hour; they are not here. */
export function checkSecurityPolicy(policy: string, endpointAccessMode?: string): SecurityPolicy {
  if (policy.startsWith('SecurityPolicy_') && !endpointAccessMode) {
    throw badRequest('Endpoint access mode is required for the specified security policy')
  }
  if (policy !== 'TLS_1_0' && policy !== 'TLS_1_2') throw unsupported(`the security policy ${policy}`)
  return policy
}

interface TlsInput {
  readonly securityPolicy?: string | undefined
  readonly endpointAccessMode?: string | undefined
}

/** The policy that is asked for. Throws AWS's error for one without what it needs, and for what is not here. */
export function readSecurityPolicy({ securityPolicy, endpointAccessMode }: TlsInput) {
  const policy = securityPolicy && checkSecurityPolicy(securityPolicy, endpointAccessMode)
  if (endpointAccessMode) throw unsupported('endpointAccessMode')
  return policy || undefined
}
