// A mutex per key, several keys at once. It serialises the writes of one item and the changes of one table; what the
// keys mean is up to `writes.ts`, `transactions.ts`, `replication.ts` and `control.ts`.

export interface KeyedMutex {
  /** Runs `work` while holding all keys. Keys are taken in sorted order, so two callers never wait for each other. */
  run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T>
  /** Resolves when all work that holds or awaits a key with this prefix now is done; later work is not awaited. */
  settled(prefix: string): Promise<void>
}

export function createKeyedMutex(): KeyedMutex {
  /** Per key, the end of the last work in its line. */
  const tails = new Map<string, Promise<void>>()

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
    async run(keys, work) {
      // All lines are joined in one go: whoever comes first is first in every line.
      const places = [...new Set(keys)].sort().map(join)
      try {
        for (const { turn } of places) await turn
        return await work()
      } finally {
        for (const { leave } of places) leave()
      }
    },

    async settled(prefix) {
      await Promise.all([...tails].filter(([key]) => key.startsWith(prefix)).map(([, tail]) => tail))
    },
  }
}
