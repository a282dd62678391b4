// What a step is handed: the clients of its region, its owner marks and its token. Nothing else, so that a step can do
// nothing but tell its AWS story.
import type { ACMClient } from '@aws-sdk/client-acm'
import type { APIGatewayClient } from '@aws-sdk/client-api-gateway'
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { IAMClient } from '@aws-sdk/client-iam'
import type { LambdaClient } from '@aws-sdk/client-lambda'
import type { Route53Client } from '@aws-sdk/client-route-53'
import type { STSClient } from '@aws-sdk/client-sts'
import type { Tags } from './tags.js'

/** One client per service; Route 53 and IAM are global, whatever the region. */
export interface Clients {
  readonly dynamodb: DynamoDBClient
  readonly lambda: LambdaClient
  readonly apigateway: APIGatewayClient
  readonly acm: ACMClient
  readonly logs: CloudWatchLogsClient
  readonly route53: Route53Client
  readonly iam: IAMClient
  readonly sts: STSClient
}

export interface Context extends Clients {
  /** The region of the step's site. */
  readonly region: string
  /** The clients of another region. */
  in(region: string): Clients
  readonly tags: Tags
  /** Of this state, made once per stack. */
  readonly lineage: string
  /** The open intent's token: 32 word characters. Empty where nothing is open. */
  readonly token: string
  /** Ids that were replaced and wait to be removed: a finder passes them over. */
  readonly superseded: readonly string[]
  /** The zip with this CodeSha256. */
  zipOf(sha256: string): Uint8Array
}
