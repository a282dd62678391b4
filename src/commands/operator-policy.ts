// The least that IAM must allow an operator for the whole life of one stack: the one source of the policy that
// `multiregion policy` prints and docs/operating.md shows. `test/journeys/operator-policy.test.ts` holds the local cloud's
// operator to it, and finds each action of it needed. Which actions AWS asks for is said there where a call is made.
import { controlTableName, logGroupName, namePrefix } from '../base/names.js'

export interface Statement {
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

export interface PolicyDocument {
  readonly Version: '2012-10-17'
  readonly Statement: readonly Statement[]
}

/** What a policy is made for. The config has the first three. */
export interface PolicySubject {
  /** `<name>-<stage>`. */
  readonly stack: string
  readonly table: string
  /** True where the state is kept in a control table. */
  readonly shared?: boolean
  readonly domain: string
  readonly account: string
  /** The hosted zone's id, without `/hostedzone/`. */
  readonly zone: string
  /** `aws` by default. */
  readonly partition?: string
}

/** One policy, which fits a managed policy of AWS (6,144 characters without white space). */
export function operatorPolicy(subject: PolicySubject): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: [
      ...tableStatements(subject),
      ...functionStatements(subject),
      ...apiStatements(subject),
      ...route53Statements(subject),
    ],
  }
}

/** As AWS counts a policy: without white space. */
export const policySize = (policy: PolicyDocument) => JSON.stringify(policy).replace(/\s/g, '').length

const WIDEST_LINE = 110

/** The policy as JSON for people: a list on one line where it fits. */
export function policyText(policy: PolicyDocument): string {
  const list = (text: string) => {
    const line = text.replace(/\s*\n\s*/g, ' ').replace(/^\[ | \]$/g, (bracket) => bracket.trim())
    return line.length <= WIDEST_LINE - '      "Resource": ,'.length ? line : wrapped(line)
  }
  return JSON.stringify(policy, null, 2).replace(/\[\n\s+"[^[\]]*\]/g, list)
}

/** Lines of the list's entries, none wider than the widest. */
function wrapped(list: string): string {
  const lines = ['']
  for (const entry of list.slice(1, -1).split(' ')) {
    const last = lines.at(-1)!
    if (last && last.length + entry.length + 9 > WIDEST_LINE) lines.push(entry)
    else lines[lines.length - 1] = last ? `${last} ${entry}` : entry
  }
  return `[\n${lines.map((line) => `        ${line}`).join('\n')}\n      ]`
}

/** What docs/operating.md shows, to be filled in by hand. */
const PLACEHOLDERS: PolicySubject = {
  stack: 'STACK',
  table: 'TABLE',
  domain: 'DOMAIN',
  account: 'ACCOUNT',
  zone: 'ZONE',
}

/** The text of docs/operating.md with the policy as it is now: the only JSON block that has a `Version`. */
export const withOperatorPolicy = (text: string) =>
  text.replace(
    /```json\n\{\n\s*"Version"[\s\S]*?\n```/,
    () => `\`\`\`json\n${policyText(operatorPolicy(PLACEHOLDERS))}\n\`\`\``,
  )

const allow = (
  Sid: string,
  prefix: string,
  names: readonly string[],
  Resource: readonly string[],
): Statement => ({ Sid, Effect: 'Allow', Action: names.map((name) => `${prefix}:${name}`), Resource })

function tableStatements({ stack, table, shared, account, partition = 'aws' }: PolicySubject): Statement[] {
  const names = shared ? [table, controlTableName(stack)] : [table]
  const tables = names.map((name) => `arn:${partition}:dynamodb:*:${account}:table/${name}`)
  return [
    allow(
      'Table',
      'dynamodb',
      [
        'CreateTable',
        'UpdateTable',
        'DeleteTable',
        'DescribeTable',
        'DescribeContinuousBackups',
        'UpdateContinuousBackups',
        'TagResource',
        'ListTagsOfResource',
      ],
      tables,
    ),
    // AWS: who adds a replica must be allowed all that its replication does. DeleteItem also removes the proof's items.
    allow(
      'Replicas',
      'dynamodb',
      [
        'CreateTableReplica',
        'DeleteTableReplica',
        'Query',
        'Scan',
        'GetItem',
        'PutItem',
        'UpdateItem',
        'DeleteItem',
        'BatchWriteItem',
      ],
      tables,
    ),
    // AWS: asked for where a replica is added, in the replica's region; it has no resource.
    allow('ReplicaLimits', 'dynamodb', ['DescribeLimits'], ['*']),
    // AWS: once in an account's life, for its first global table and its first custom domain.
    allow(
      'ServiceLinkedRoles',
      'iam',
      ['CreateServiceLinkedRole'],
      ['replication.dynamodb', 'ops.apigateway'].map(
        (service) => `arn:${partition}:iam::${account}:role/aws-service-role/${service}.amazonaws.com/*`,
      ),
    ),
  ]
}

function functionStatements({ stack, account, partition = 'aws' }: PolicySubject): Statement[] {
  const names = `${namePrefix(stack)}*`
  const roles = [`arn:${partition}:iam::${account}:role/${names}`]
  return [
    allow(
      'Roles',
      'iam',
      [
        'CreateRole',
        'GetRole',
        'DeleteRole',
        'TagRole',
        // Only where somebody changed the trust of a role: `up` mends it.
        'UpdateAssumeRolePolicy',
        'PutRolePolicy',
        'GetRolePolicy',
        'ListRolePolicies',
        'DeleteRolePolicy',
        'ListAttachedRolePolicies',
        // Only where somebody attached a policy to a role: AWS deletes none that has one.
        'DetachRolePolicy',
      ],
      roles,
    ),
    {
      ...allow('PassRoles', 'iam', ['PassRole'], roles),
      Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
    },
    allow(
      'Functions',
      'lambda',
      [
        'CreateFunction',
        'GetFunction',
        'UpdateFunctionCode',
        'UpdateFunctionConfiguration',
        'DeleteFunction',
        'AddPermission',
        'RemovePermission',
        'GetPolicy',
        'TagResource',
        // AWS: without it GetFunction leaves out the tags, by which we know what is ours.
        'ListTags',
      ],
      [`arn:${partition}:lambda:*:${account}:function:${names}`],
    ),
    // AWS: these have no resource. ListFunctions, and ListRoles below, are for `state rebuild` alone.
    allow('Lambda', 'lambda', ['GetAccountSettings', 'ListFunctions'], ['*']),
    allow('RolesList', 'iam', ['ListRoles'], [`arn:${partition}:iam::${account}:role/`]),
    allow(
      'Logs',
      'logs',
      ['CreateLogGroup', 'PutRetentionPolicy', 'DeleteLogGroup', 'TagResource', 'ListTagsForResource'],
      [`arn:${partition}:logs:*:${account}:log-group:${logGroupName(stack, '*')}`],
    ),
    // AWS: it is checked against a group without a name, which no narrower resource matches.
    allow('LogsList', 'logs', ['DescribeLogGroups'], [`arn:${partition}:logs:*:${account}:log-group:*`]),
  ]
}

function apiStatements({ domain, account, partition = 'aws' }: PolicySubject): Statement[] {
  const path = (name: string) => `arn:${partition}:apigateway:*::/${name}`
  const domains = [path('domainnames'), path(`domainnames/${domain}`)]
  return [
    // AWS: APIs have ids that are not known before.
    allow(
      'Apis',
      'apigateway',
      ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      [path('restapis'), path('restapis/*')],
    ),
    allow('Domains', 'apigateway', ['GET', 'POST', 'PATCH', 'DELETE'], [...domains, `${domains[1]}/*`]),
    allow(
      'DomainCertificates',
      'apigateway',
      ['AddCertificateToDomain', 'RemoveCertificateFromDomain'],
      domains,
    ),
    // AWS: tags in a create are a PUT on the tags of all that is below.
    allow('ApiTags', 'apigateway', ['PUT'], [path('tags/*')]),
    allow(
      'Certificates',
      'acm',
      [
        'RequestCertificate',
        'DescribeCertificate',
        'DeleteCertificate',
        'AddTagsToCertificate',
        'ListTagsForCertificate',
      ],
      [`arn:${partition}:acm:*:${account}:certificate/*`],
    ),
    allow('CertificatesList', 'acm', ['ListCertificates'], ['*']),
  ]
}

function route53Statements({ zone, partition = 'aws' }: PolicySubject): Statement[] {
  const arn = (name: string) => `arn:${partition}:route53:::${name}`
  return [
    allow(
      'Zone',
      'route53',
      [
        'GetHostedZone',
        'ChangeResourceRecordSets',
        'ListResourceRecordSets',
        'CreateTrafficPolicyInstance',
        'ListTrafficPolicyInstancesByHostedZone',
      ],
      [arn(`hostedzone/${zone}`)],
    ),
    allow(
      'HealthChecks',
      'route53',
      [
        'GetHealthCheck',
        'GetHealthCheckStatus',
        'UpdateHealthCheck',
        'DeleteHealthCheck',
        'ChangeTagsForResource',
        'ListTagsForResource',
      ],
      [arn('healthcheck/*')],
    ),
    allow(
      'TrafficPolicies',
      'route53',
      [
        'CreateTrafficPolicyVersion',
        'DeleteTrafficPolicy',
        'ListTrafficPolicyVersions',
        'ListTrafficPolicyInstancesByPolicy',
        'CreateTrafficPolicyInstance',
        'GetTrafficPolicyInstance',
        'UpdateTrafficPolicyInstance',
        'DeleteTrafficPolicyInstance',
      ],
      [arn('trafficpolicy/*'), arn('trafficpolicyinstance/*')],
    ),
    // AWS: these have no resource.
    allow(
      'Route53',
      'route53',
      [
        'ListHostedZonesByName',
        'GetAccountLimit',
        'CreateHealthCheck',
        'ListHealthChecks',
        'CreateTrafficPolicy',
        'ListTrafficPolicies',
      ],
      ['*'],
    ),
  ]
}
