// The regions of AWS's commercial partition, in which any may be used here, and the services that have no region.
// Regions appear in the local cloud at their first call; this file only says which names exist.

// AWS: regions of partition `aws`, as in the SDK's partition data, without the pseudo region `aws-global`.
const REGIONS = new Set([
  'af-south-1',
  'ap-east-1',
  'ap-east-2',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-south-2',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ca-central-1',
  'ca-west-1',
  'eu-central-1',
  'eu-central-2',
  'eu-north-1',
  'eu-south-1',
  'eu-south-2',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'mx-central-1',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
])

export const isRegion = (name: string) => REGIONS.has(name)

// AWS: their control plane is in us-east-1, whatever region the client was made for.
const GLOBAL_SERVICES = new Set(['iam', 'route53', 'sts'])
export const isGlobal = (service: string) => GLOBAL_SERVICES.has(service)
export const GLOBAL_REGION = 'us-east-1'
