// A mutex per key, several keys at once. It serialises the writes of one item and the changes of one table; what the
// keys mean is up to `writes.ts`, `transactions.ts`, `replication.ts` and `control.ts`.

/** What is done with an item while its lock is held. */
export type Claim = 'write' | 'transaction'

export interface KeyedMutex {
  /**
   * Runs `work` while holding all keys. Keys are taken in sorted order, so two callers never wait for each other. From
   * the call on, `claim` stands in the lines of all keys.
   */
  run<T>(keys: readonly string[], work: () => Promise<T>, claim?: Claim): Promise<T>
  /** What those who hold or await this key now do with it, as far as they said so. */
  claims(key: string): readonly Claim[]
  /** Resolves when all work that holds or awaits a key with this prefix now is done; later work is not awaited. */
  settled(prefix: string): Promise<void>
}

export function createKeyedMutex(): KeyedMutex {
  /** Per key, the end of the last work in its line. */
  const tails = new Map<string, Promise<void>>()
  const claimed = new Map<string, Claim[]>()

  function stake(keys: readonly string[], claim: Claim): () => void {
    for (const key of keys) claimed.set(key, [...(claimed.get(key) ?? []), claim])
    return () => {
      for (const key of keys) {
        const others = claimed.get(key)!.toSpliced(claimed.get(key)!.indexOf(claim), 1)
        if (others.length) claimed.set(key, others)
        else claimed.delete(key)
      }
    }
  }

  /** Joins the line of one key: `turn` resolves when it is ours, `leave` hands it on. */
  function join(key: string): { turn: Promise<void>; leave: () => void } {
    const turn = tails.get(key) ?? Promise.resolve()
    let finish = () => {}
    const done = new Promise<void>((resolve) => {
      finish = resolve
    })
    const tail = turn.then(() => done)
    tails.set(key, tail)
    const leave = () => {
      finish()
      if (tails.get(key) === tail) tails.delete(key)
    }
    return { turn, leave }
  }

  return {
    async run(keys, work, claim) {
      // All lines are joined in one go: whoever comes first is first in every line.
      const own = [...new Set(keys)].sort()
      const places = own.map(join)
      const unclaim = claim && stake(own, claim)
      try {
        for (const { turn } of places) await turn
        return await work()
      } finally {
        unclaim?.()
        for (const { leave } of places) leave()
      }
    },

    claims: (key) => claimed.get(key) ?? [],

    async settled(prefix) {
      await Promise.all([...tails].filter(([key]) => key.startsWith(prefix)).map(([, tail]) => tail))
    },
  }
}
