// The rules of single values that need more than a pattern: each `...Rule` says which rule a text breaks, as `must ...`.
// The lists of what AWS allows stand here too. `schema.ts` hangs them on fields; `route.ts` has the rules of routes.

/** IAM actions on items of one table. */
// AWS: TransactGetItems and TransactWriteItems need the actions of the items that they touch, none of their own.
export const ITEM_ACTIONS = [
  'dynamodb:BatchGetItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:ConditionCheckItem',
  'dynamodb:DeleteItem',
  'dynamodb:GetItem',
  'dynamodb:PartiQLDelete',
  'dynamodb:PartiQLInsert',
  'dynamodb:PartiQLSelect',
  'dynamodb:PartiQLUpdate',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:Scan',
  'dynamodb:UpdateItem',
] as const

// AWS: the numbers of PutRetentionPolicy.
export const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const

/** Variables that Lambda sets and lets nobody set. */
// AWS: "Defined runtime environment variables" of the Lambda developer guide.
export const RESERVED_VARIABLES: ReadonlySet<string> = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_DEFAULT_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
])

/** Variables that every function gets from the config's table. */
export const OWN_VARIABLES: ReadonlySet<string> = new Set([
  'TABLE_NAME',
  'KEY_NAME',
  'KEY_TYPE',
  'SORT_KEY_NAME',
  'SORT_KEY_TYPE',
])

// AWS: 4 KB for all variables of a function together.
export const LONGEST_ENVIRONMENT_BYTES = 4096

// AWS: the first name of an ACM certificate is its common name, which holds at most 64 characters.
const LONGEST_DOMAIN = 64
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
export const DOMAIN_PATTERN = new RegExp(`^(?:${LABEL}\\.)+(?!\\d+$)${LABEL}$`)

/** The rule that a text breaks as the public name; undefined for a good name. */
export function domainRule(domain: string): string | undefined {
  if (domain.includes('://') || domain.includes('/'))
    return 'must be a name alone, without https:// or a path'
  if (domain.startsWith('*.')) return 'must not be a wildcard: the public name is one name'
  if (domain.endsWith('.')) return 'must not end with a dot'
  if (domain !== domain.toLowerCase()) return 'must be in lower case'
  if (domain.length > LONGEST_DOMAIN) {
    const excess = domain.length - LONGEST_DOMAIN
    return `must have at most ${LONGEST_DOMAIN} characters, as a certificate's name (${excess} fewer)`
  }
  if (DOMAIN_PATTERN.test(domain) && !/\.[^.]$/.test(domain)) return undefined
  return 'must be a DNS name of two labels or more, made of a-z, 0-9 and -, such as api.example.com'
}

export const HANDLER_PATTERN = /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\\\0]+\.(?:ts|mts|js|mjs)$/

/** The rule that a text breaks as a handler's path; undefined for a good path. */
export function handlerRule(path: string): string | undefined {
  if (path.startsWith('/') || /^[a-zA-Z]:/.test(path)) return 'must be relative to the project root'
  if (path.includes('\\')) return 'must be written with /, not with \\'
  if (path.split('/').includes('..')) return 'must be inside the project root, without ..'
  if (!HANDLER_PATTERN.test(path)) return 'must be the path of a .ts, .mts, .js or .mjs file'
  return undefined
}
