// DynamoDB's own words for its refusals, and the encoding of an error as DynamoDB's JSON 1.0 body.
// When to refuse is decided by the operations; texts that only one of them uses stand there.
import type { RawAnswer } from '../ports.js'
import { AwsError } from '../wire/errors.js'

export const validation = (message: string) => new AwsError('ValidationException', message)

export const invalidParameter = (message: string) =>
  validation(`One or more parameter values were invalid: ${message}`)

/** `problem` names a member by its path, such as `Value null at 'tableName' failed to ...`. */
export const constraint = (problem: string) => validation(`1 validation error detected: ${problem}`)

/** An input that AWS takes and this cloud does not: it is refused, never ignored. */
export const unsupported = (what: string) => validation(`${what} is not supported by the local cloud.`)

export const tableNotFound = (table: string) =>
  new AwsError('ResourceNotFoundException', `Requested resource not found: Table: ${table} not found`)

/** AWS: the data plane does not name the table. */
export const tableNotUsable = () => new AwsError('ResourceNotFoundException', 'Requested resource not found')

export const inUse = (detail: string) =>
  new AwsError('ResourceInUseException', `Attempt to change a resource which is still in use: ${detail}`)

/** `state` as in `Table is being updated`. */
export const tableBusy = (status: 'CREATING' | 'UPDATING' | 'DELETING', table: string) => {
  const state = { CREATING: 'created', UPDATING: 'updated', DELETING: 'deleted' }[status]
  return inUse(`Table is being ${state}: ${table}`)
}

/** AWS: members of a global table get no detail. */
export const globalTableInUse = () =>
  new AwsError('ResourceInUseException', 'The resource which you are attempting to change is in use.')

/** AWS: the words for members of a global table, from whichever side they are deleted. */
export const protectedReplica = (table: string, region: string) =>
  validation(
    `Cannot delete table ${table} in region ${region} because it has deletion protection enabled. ` +
      'Disable deletion protection first.',
  )

// AWS: errors found before DynamoDB proper has seen the request carry the framework's namespaces.
const NAMESPACES: Readonly<Record<string, string>> = {
  ValidationException: 'com.amazon.coral.validate',
  SerializationException: 'com.amazon.coral.service',
  AccessDeniedException: 'com.amazon.coral.service',
}

/** The error as the body of an answer. */
export function encodeError(error: AwsError): RawAnswer {
  const namespace = NAMESPACES[error.code] ?? 'com.amazonaws.dynamodb.v20120810'
  const body = { __type: `${namespace}#${error.code}`, message: error.message, ...error.extra }
  return { status: error.status, body: JSON.stringify(body) }
}
