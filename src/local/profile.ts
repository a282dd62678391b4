// How long AWS takes for what, in seconds: the published or measured ranges of its control planes.
// `realistic` is the default; `instant` answers at once, for unit and crash tests.

export type Profile = 'realistic' | 'instant'

// AWS: measured (M), documented (D), bounded by Terraform's waits (T) or estimated (E), as of late 2026.
const REALISTIC = {
  'dynamodb.create-table': [2, 6.2], // M
  'dynamodb.delete-table': [4, 6], // M
  'dynamodb.update-table': [1, 3], // E
  'dynamodb.protection-toggle-with-replica': [34, 39], // M
  'dynamodb.replica-entry-visible': [5, 7], // M 6.7
  'dynamodb.replica-describable': [8, 11], // M 10
  'dynamodb.replica-create-empty': [14, 49], // M
  'dynamodb.replica-create-with-items': [562, 686], // M
  'dynamodb.replica-delete-source-updating': [31, 47], // M
  'dynamodb.replica-delete-entry-gone': [121, 244], // M
  'dynamodb.replica-delete-table-gone': [10, 35], // M, after the entry is gone
  'dynamodb.tag-write': [1.6, 3], // M
  'dynamodb.backups-being-enabled': [1.4, 2.7], // M, after ACTIVE
  'dynamodb.replication-lag': [0.3, 1], // D
  'iam.role-assumable': [5, 15], // E
  'iam.policy-effective': [2, 8], // E
  'lambda.create': [1, 5], // E
  'lambda.update': [1, 5], // E
  'logs.group-listed': [0.5, 2], // E
  'logs.event-visible': [1, 5], // E
  'apigateway.stage-live': [1, 10], // E
  'apigateway.domain-available': [1, 60], // E
  'apigateway.domain-updated': [5, 900], // D, T
  'apigateway.mapping-refused-after-domain': [0, 30], // T
  'apigateway.mapping-refused-after-stage': [0, 30], // T
  'apigateway.listing-lag': [1, 4], // E
  'acm.describable': [0.5, 3], // D
  'acm.record-named': [2, 10], // D
  'acm.listing-lag': [2, 8], // E
  'acm.issue': [60, 300], // E, after the record resolves
  'acm.in-use-after-domain': [60, 900], // T
  'route53.change-insync': [10, 60], // D
  'route53.update-health-check-effective': [10, 60], // E
  'route53.health-told': [5, 10], // E, from the checkers' verdict to DNS
  'route53.policy-instance-applied': [30, 90], // E
  'route53.policy-instance-gone': [30, 90], // E
  'route53.fresh-policy-usable': [0, 3], // T
  'route53.policy-listing-lag': [0, 3], // E
  'route53.policy-name-taken': [0, 60], // E
} as const satisfies Record<string, readonly [number, number]>

/** Something that takes time on AWS. */
export type Takes = keyof typeof REALISTIC

/** The range in virtual seconds. */
export function rangeOf(profile: Profile, what: Takes): readonly [number, number] {
  return profile === 'instant' ? [0, 0] : REALISTIC[what]
}
