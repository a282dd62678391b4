// The table as the item handlers see it: a client for the function's own region, ids, and items as plain JSON.
// `health.ts` has a client of its own, with less patience. HTTP is `http.ts`'s.
import { type AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { Refusal } from './http.js'

/** Three attempts of at most two seconds end well before the function's ten. The region is Lambda's AWS_REGION. */
export const database = new DynamoDBClient({
  maxAttempts: 3,
  requestHandler: {
    connectionTimeout: 1000,
    requestTimeout: 2000,
    throwOnRequestTimeout: true,
    // For an answer that begins and then stops, which the request's own timeout does not cover.
    socketTimeout: 2000,
  },
})

/** An item's id: a whole number that JSON carries exactly, or its digits. Throws a Refusal with 400 for anything else. */
export function itemId(value: unknown): number {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number
  throw new Refusal(400, value === undefined ? 'the id is missing' : 'the id must be a whole number')
}

/** An item as plain JSON; sets become lists and binaries base64. */
export function plainItem(item: Readonly<Record<string, AttributeValue>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)]))
}

function plainValue(value: AttributeValue): unknown {
  if (value.S !== undefined) return value.S
  if (value.N !== undefined) return Number(value.N)
  if (value.BOOL !== undefined) return value.BOOL
  if (value.B !== undefined) return base64(value.B)
  if (value.L !== undefined) return value.L.map(plainValue)
  if (value.M !== undefined) return plainItem(value.M)
  if (value.SS !== undefined) return value.SS
  if (value.NS !== undefined) return value.NS.map(Number)
  if (value.BS !== undefined) return value.BS.map(base64)
  return null
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
