// Table ARNs, and the two ways in which a request names a table: by name, or by ARN.
// Whether there is such a table is asked elsewhere.
import type { Call } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import { constraint, invalidParameter, validation } from './error.js'

export const tableArn = (account: string, region: string, table: string) =>
  `arn:aws:dynamodb:${region}:${account}:table/${table}`

/** The name in a `TableName` member. AWS: most operations take the table's ARN there, of the call's own region only. */
export function tableNameOf(value: unknown, call: Pick<Call, 'region'>, account: string): string {
  if (typeof value !== 'string') {
    throw constraint("Value null at 'tableName' failed to satisfy constraint: Member must not be null")
  }
  if (value.startsWith('arn:')) return nameInArn(value, call, account)
  if (!/^[a-zA-Z0-9_.-]*$/.test(value)) {
    throw constraint(
      `Value '${value}' at 'tableName' failed to satisfy constraint: ` +
        'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+',
    )
  }
  if (value.length < 3 || value.length > 255) {
    throw validation('TableName must be at least 3 characters long and at most 255 characters long')
  }
  return value
}

const invalidArn = (arn: string) =>
  validation(`Invalid TableArn: Invalid ResourceArn provided as input ${arn}`)

function partsOf(arn: string) {
  const [, , service, region, owner, resource = ''] = arn.split(':')
  return { service, region, owner, name: /^table\/([a-zA-Z0-9_.-]{3,255})$/.exec(resource)?.[1], resource }
}

function nameInArn(arn: string, call: Pick<Call, 'region'>, account: string): string {
  const { service, region, owner, name } = partsOf(arn)
  if (service !== 'dynamodb') throw invalidArn(arn)
  if (region !== call.region) throw constraint(`Invalid AWS region in '${arn}'`)
  if (owner !== account) throw new AwsError('AccessDeniedException', 'Access is denied')
  if (!name) throw invalidArn(arn)
  return name
}

/** The table's name in the ARN of a `ResourceArn` member. AWS: these are refused in words of their own. */
export function nameInResourceArn(arn: unknown, call: Pick<Call, 'region'>, account: string): string {
  if (typeof arn !== 'string' || !arn.startsWith('arn:')) {
    throw invalidParameter(`ARNs must start with 'arn:': ${arn}`)
  }
  const { service, region, owner, name, resource } = partsOf(arn)
  if (service !== 'dynamodb') throw invalidParameter(`Provided Arn is not a DynamoDB resource arn: ${arn}`)
  if (region !== call.region) throw invalidArn(arn)
  if (owner !== account) throw new AwsError('AccessDeniedException', 'Access is denied')
  if (name) return name
  if (!resource.startsWith('table/')) throw invalidArn(arn)
  throw invalidParameter(
    `Invalid resource arn provided, only table or stream is accepted. Provided resource arn: ${arn}`,
  )
}
