// Watches who holds the lock of a stack, from outside: the lock file, or the lease in the control table. For `contend.ts`.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'

export interface Held {
  readonly nonce: string
  readonly pid: number
  /** When it was first seen not to be held any more, as `performance.now`. */
  goneAt?: number
}

export interface LockWatch {
  begin(): void
  /** What was held since. */
  end(): Held[]
  close(): Promise<void>
}

type Look = () => Promise<{ nonce: string; pid: number } | undefined>

function watch(everyMs: number, look: Look): LockWatch {
  let held: Held[] = []
  let closed = false
  const watching = (async () => {
    while (!closed) {
      const owner = await look().catch(() => 'unknown' as const)
      const now = performance.now()
      if (owner !== 'unknown') {
        for (const one of held) if (one.nonce !== owner?.nonce) one.goneAt ??= now
        if (owner && !held.some(({ nonce }) => nonce === owner.nonce)) held.push({ ...owner })
      }
      await later(everyMs)
    }
  })()
  return {
    begin: () => {
      held = []
    },
    end: () => held,
    close: async () => {
      closed = true
      await watching
    },
  }
}

export function watchFile(folder: string): LockWatch {
  const file = path.join(folder, '.multiregion/local/multiregion-dev.json.lock')
  return watch(15, async () => {
    try {
      return JSON.parse(readFileSync(file, 'utf8'))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  })
}

export function watchTable(environment: Record<string, string>): LockWatch {
  const client = new DynamoDBClient({
    region: 'eu-west-1',
    endpoint: environment.AWS_ENDPOINT_URL!,
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID!,
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY!,
    },
  })
  const get = () =>
    new GetItemCommand({
      TableName: 'multiregion-dev-control',
      Key: { pk: { S: 'lock' }, sk: { S: '000001#eu-west-1' } },
      ConsistentRead: true,
    })
  return watch(60, async () => {
    const { Item } = await client.send(get())
    return Item?.holder?.S ? JSON.parse(Item.holder.S) : undefined
  })
}
