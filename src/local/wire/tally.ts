// Counts the calls of the front door: for `local status`, and for nothing else.

/** `perSecond` is the rate over the last ten seconds. */
export interface Calls {
  readonly total: number
  readonly perSecond: number
}

const WINDOW_SECONDS = 10

/** Counts calls; `nowSeconds` is any clock in real seconds. */
export function createTally(nowSeconds: () => number = () => performance.now() / 1000) {
  let total = 0
  const bySecond = new Map<number, number>()
  const forget = (second: number) => {
    for (const old of bySecond.keys()) if (old <= second - WINDOW_SECONDS) bySecond.delete(old)
  }
  return {
    count(): void {
      const second = Math.floor(nowSeconds())
      total += 1
      bySecond.set(second, (bySecond.get(second) ?? 0) + 1)
      forget(second)
    },
    read(): Calls {
      forget(Math.floor(nowSeconds()))
      const recent = [...bySecond.values()].reduce((sum, count) => sum + count, 0)
      return { total, perSecond: recent / WINDOW_SECONDS }
    },
  }
}
