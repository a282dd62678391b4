// The AWS regions that a stack may stand in, and those that Route 53 checks from. A list, not a look-up: whether an
// account has opted in to a region is the preflight's question.

/** Regions of partition `aws` that Route 53 can answer by latency for. */
// AWS: ResourceRecordSetRegion, without China, GovCloud and the European sovereign cloud.
export const REGIONS = [
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'ca-central-1',
  'ca-west-1',
  'mx-central-1',
  'sa-east-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'eu-central-1',
  'eu-central-2',
  'eu-north-1',
  'eu-south-1',
  'eu-south-2',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'af-south-1',
  'ap-south-1',
  'ap-south-2',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-east-1',
  'ap-east-2',
] as const
export type Region = (typeof REGIONS)[number]

/** Where Route 53's health checkers stand. */
// AWS: HealthCheckRegion; a check names at least three of them.
export const CHECKER_REGIONS = [
  'us-east-1',
  'us-west-1',
  'us-west-2',
  'eu-west-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-northeast-1',
  'sa-east-1',
] as const
export type CheckerRegion = (typeof CHECKER_REGIONS)[number]
