// Unique ids and keys in IAM's own forms. They come from the system's randomness, not from the cloud's seeded one:
// after a restart the seed would repeat ids that are taken.
import { createHash, randomBytes } from 'node:crypto'

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** AWS: a four-letter kind (AROA role, AIDA user, ASIA session key, AKIA user key) and 17 or 16 characters of base32. */
export function uniqueId(kind: 'AROA' | 'ASIA'): string {
  const length = kind === 'ASIA' ? 16 : 17
  return kind + Array.from(randomBytes(length), (byte) => BASE32[byte % 32]).join('')
}

/** The id of a user. It derives from the ARN, so that it stays the same. */
export function userId(arn: string): string {
  const hash = createHash('sha256').update(arn).digest()
  return `AIDA${Array.from(hash.subarray(0, 17), (byte) => BASE32[byte % 32]).join('')}`
}

/** A secret access key: 40 characters. */
export const secretKey = () => randomBytes(30).toString('base64')

export const sessionToken = () => randomBytes(192).toString('base64')
