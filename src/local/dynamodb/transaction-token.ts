// Request tokens of transactions: one that was made already is not made again. The token is kept with the transaction's
// intent, so that neither is without the other after a crash; see `transactions.ts` and `journal.ts`.
import { createHash } from 'node:crypto'
import { AwsError } from '../wire/errors.js'
import type { World } from '../world.js'

export interface Token {
  /** With its region: tokens of two regions have nothing to do with each other. */
  readonly id: string
  /** Of the transaction's actions. */
  readonly hash: string
  readonly until: number
}

// AWS: a request token is good for ten minutes.
const TOKEN_SECONDS = 600

export function tokenOf({ clock }: Pick<World, 'clock'>, id: string, actions: unknown): Token {
  const hash = createHash('sha256').update(JSON.stringify(actions)).digest('base64')
  return { id, hash, until: clock.after(TOKEN_SECONDS) }
}

const collection = ({ store }: Pick<World, 'store'>) => store.collection<Token>('dynamodb.transaction')

/** Whether this very transaction has been made already. Throws when another one had the token. */
export function wasMade(world: Pick<World, 'clock' | 'store'>, token: Token): boolean {
  const made = collection(world).get(token.id)
  if (!made || world.clock.now() >= made.until) return false
  if (made.hash === token.hash) return true
  const message = 'Request was made with the same client token but with different parameters'
  throw new AwsError('IdempotentParameterMismatchException', message)
}

/** Keeps the token, and drops those that are too old. Not yet on disk. */
export function rememberToken(world: Pick<World, 'clock' | 'store'>, token: Token): void {
  const tokens = collection(world)
  for (const old of [...tokens.values()]) if (world.clock.now() >= old.until) tokens.delete(old.id)
  tokens.set(token.id, token)
}
