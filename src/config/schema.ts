// The config file as zod sees it: every field with its rule, its default and its description. The JSON Schema and
// `docs/config.md` are generated from here; what spans several fields is in `check.ts`, the loading in `load.ts`.
import { z } from 'zod'
import { CHECKER_REGIONS, type CheckerRegion, REGIONS, type Region } from './region.js'
import { type Method, ROUTE_PATTERN, routeRule } from './route.js'
import {
  DOMAIN_PATTERN,
  domainRule,
  HANDLER_PATTERN,
  handlerRule,
  ITEM_ACTIONS,
  OWN_VARIABLES,
  RESERVED_VARIABLES,
  RETENTION_DAYS,
} from './rule.js'

/** A list without repetitions, and said to be one in the JSON Schema. */
const setOf = <T extends z.ZodType>(element: T, atLeast = 0) =>
  z
    .array(element)
    .min(atLeast)
    .refine((list) => new Set(list).size === list.length, 'must not name the same one twice')
    .meta({ uniqueItems: true })

/** A text with a pattern, for editors, and with a function that says which rule a wrong one breaks. */
const ruled = (pattern: RegExp, rule: (text: string) => string | undefined) => {
  const error = ({ input }: { input?: unknown }) => rule(String(input))
  return z
    .string()
    .regex(pattern, { error })
    .refine((text) => !rule(text), { error })
}

const attributeName = z
  .string()
  .min(1)
  .max(255)
  .describe('Name of the attribute; DynamoDB allows 1 to 255 characters.')
const attributeType = z.enum(['S', 'N', 'B']).describe('`S` string, `N` number, `B` binary.')
const keyAttribute = () => z.strictObject({ name: attributeName, type: attributeType })

const table = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-zA-Z0-9_.-]{3,255}$/, 'must be 3 to 255 letters, digits, dots, dashes or underscores')
      .describe('Name of the global table, the same in every region.'),
    partitionKey: keyAttribute().describe('The partition key. It cannot be changed once the table stands.'),
    sortKey: keyAttribute()
      .optional()
      .describe('The sort key, where the table has one. It cannot be changed once the table stands.'),
    deletionProtection: z
      .boolean()
      .default(true)
      .describe("DynamoDB's deletion protection, in every region; `down` lifts it after its question."),
    pointInTimeRecovery: z
      .boolean()
      .default(true)
      .describe('Continuous backups of the last 35 days, in every region.'),
  })
  .describe('The DynamoDB global table: billed on demand, replicated to every region.')

const variableName = z
  .string()
  // AWS: EnvironmentVariableName of the Lambda API.
  .regex(/^[a-zA-Z][a-zA-Z0-9_]+$/, 'must begin with a letter and go on with letters, digits or underscores')
  .refine((name) => !RESERVED_VARIABLES.has(name), 'must not be a variable that Lambda reserves')
  .refine(
    (name) => !OWN_VARIABLES.has(name),
    'must not be a variable that multiregion sets in every function',
  )

const apiFunction = z
  .strictObject({
    handler: ruled(HANDLER_PATTERN, handlerRule).describe(
      'Source file that exports `handler`, relative to the project root (the folder above the one of this file). The packages that it imports are bundled with it, the AWS SDK too: install them there (npm install @aws-sdk/client-dynamodb).',
    ),
    route: ruled(ROUTE_PATTERN, routeRule).describe(
      'Method and path, such as `GET /item/{itemId}`; a last `{rest+}` takes any number of segments.',
    ),
    actions: setOf(z.enum(ITEM_ACTIONS)).describe(
      "What the function may do on its own region's table; nothing else is allowed to it.",
    ),
    environment: z
      .record(variableName, z.string())
      .default({})
      .describe(
        'Environment variables. `TABLE_NAME`, `KEY_NAME`, `KEY_TYPE` (and `SORT_KEY_NAME`, `SORT_KEY_TYPE`) are set anyway.',
      ),
    memoryMb: z
      .int()
      .min(128)
      .max(10240)
      .default(512)
      .describe('Memory in MB; its processor share grows with it.'),
    timeoutSeconds: z
      .int()
      .min(1)
      // AWS: API Gateway gives up after 29 seconds.
      .max(29)
      .default(10)
      .describe('Seconds after which Lambda stops an invocation.'),
  })
  .describe('One function and its route.')

const functionKey = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9]*$/, 'must begin with a letter and go on with letters and digits')

const logs = z
  .strictObject({
    retentionDays: z
      .literal(RETENTION_DAYS)
      .default(14)
      .describe("Days that the functions' logs are kept; one of the numbers that CloudWatch Logs takes."),
  })
  .prefault({})
  .describe('The log group of each function.')

const healthCheck = z
  .strictObject({
    function: z
      .string()
      .default('health')
      .describe(
        'Key of the function whose route Route 53 asks: a GET without parameters. Its code has to answer with the status that its variable `status` names, where there is one: failover sets it to 404.',
      ),
    intervalSeconds: z
      .literal([10, 30])
      .default(30)
      .describe('Seconds between two probes of one checker. 10 costs extra; a change replaces the checks.'),
    failureThreshold: z
      .int()
      .min(1)
      .max(10)
      .default(3)
      .describe('Probes in a row that must agree before a checker changes its mind.'),
    checkerRegions: setOf(z.enum(CHECKER_REGIONS), 3)
      .default(['us-east-1', 'eu-west-1', 'ap-southeast-1'])
      .describe('Where the checkers stand, at least three. Fewer checkers are fewer requests to pay for.'),
  })
  .prefault({})
  .describe('The Route 53 health check of each region.')

const routing = z
  .strictObject({
    type: z
      .literal('traffic-policy')
      .default('traffic-policy')
      .describe('How the public name is answered: by a Route 53 traffic policy record ($50 a month).'),
    rule: z
      .literal('latency')
      .default('latency')
      .describe('Each client gets the healthy region with the lowest latency.'),
    ttlSeconds: z
      .int()
      .min(1)
      .max(86400)
      .default(60)
      .describe('Seconds that resolvers may keep an answer: the last part of every failover.'),
  })
  .prefault({})
  .describe('How the public name finds a region.')

const proof = z
  .strictObject({
    write: z
      .string()
      .describe('Route that stores `{id, name}` from its JSON body: a POST or PUT without parameters.'),
    read: z.string().describe('Route that answers the item of its one parameter: a GET.'),
  })
  .optional()
  .describe('Routes by which `up` proves replication. Without it only the health routes are proved.')

const state = z
  .strictObject({
    backend: z
      .enum(['file', 'global-table'])
      .default('file')
      .describe(
        'Where the state is kept: a file of this machine, or a table in all regions that several machines share. `up` moves it.',
      ),
    leaseSeconds: z
      .int()
      .min(5)
      .max(600)
      .default(30)
      .describe(
        'Shared state: a run that has not been heard of for so long is taken for dead, and stops by itself before.',
      ),
  })
  .prefault({})
  .describe('Where the state of the stack is kept.')

export const configSchema = z.strictObject({
  $schema: z.string().optional().describe('Where editors find `regions.schema.json`.'),
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'must begin with a lower-case letter and go on with a-z, 0-9 and -')
    .describe('Name of the stack: the first part of the name of everything that is made.'),
  stage: z
    .string()
    // Legal both as a stage of API Gateway and inside the names of functions.
    .regex(/^[a-z][a-z0-9]*$/, 'must begin with a lower-case letter and go on with a-z and 0-9')
    .default('dev')
    .describe('Stage of the stack: second part of every name, and the stage of the APIs.'),
  regions: setOf(z.enum(REGIONS), 2).describe(
    'AWS regions to serve from, at least two. The first is the home region.',
  ),
  domain: ruled(DOMAIN_PATTERN, domainRule).describe(
    'Public name of the backend. A public hosted zone above it must exist in Route 53.',
  ),
  table,
  functions: z
    .record(functionKey, apiFunction)
    .describe('The functions of the backend by key, each with its route.'),
  logs,
  healthCheck,
  routing,
  proof,
  state,
})

/** What the file says, with its defaults. */
export type ConfigValues = z.output<typeof configSchema>

export interface KeyAttribute {
  readonly name: string
  readonly type: 'S' | 'N' | 'B'
}

/** One function of the backend. */
export interface ConfigFunction {
  readonly key: string
  /** Absolute path of its source. */
  readonly handlerFile: string
  /** As the config writes it: `GET /item/{itemId}`. */
  readonly route: string
  readonly method: Method
  readonly path: string
  /** IAM actions on its own region's table, such as `dynamodb:GetItem`. */
  readonly actions: readonly string[]
  /** Every variable that the function gets: the table's (TABLE_NAME, KEY_NAME, ...) and the config's own. */
  readonly environment: Readonly<Record<string, string>>
  readonly memoryMb: number
  readonly timeoutSeconds: number
}

/** The config as everything else reads it: checked, complete, with absolute paths. */
export interface Config {
  /** Absolute path of the config file. */
  readonly file: string
  /** Absolute path of the project root, the folder above the config file's. */
  readonly root: string
  readonly name: string
  readonly stage: string
  /** `<name>-<stage>`. */
  readonly stack: string
  readonly regions: readonly Region[]
  /** The first region: where global resources stand and replicas are added from. */
  readonly home: Region
  readonly domain: string
  readonly table: {
    readonly name: string
    readonly partitionKey: KeyAttribute
    readonly sortKey?: KeyAttribute
    readonly deletionProtection: boolean
    readonly pointInTimeRecovery: boolean
  }
  /** In the order of the file. */
  readonly functions: readonly ConfigFunction[]
  readonly logs: { readonly retentionDays: number }
  readonly healthCheck: {
    readonly function: string
    readonly intervalSeconds: 10 | 30
    readonly failureThreshold: number
    readonly checkerRegions: readonly CheckerRegion[]
  }
  readonly routing: {
    readonly type: 'traffic-policy'
    readonly rule: 'latency'
    readonly ttlSeconds: number
  }
  readonly state: { readonly backend: 'file' | 'global-table'; readonly leaseSeconds: number }
  readonly proof?: {
    readonly write: { readonly method: Method; readonly path: string }
    readonly read: { readonly method: Method; readonly path: string; readonly parameter: string }
  }
}
