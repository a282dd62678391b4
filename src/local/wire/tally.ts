// Counts the calls of the front door: for `local status`, and for nothing else.

/** `perSecond` is the rate over the last ten seconds. */
export interface Rate {
  readonly total: number
  readonly perSecond: number
}

export interface Calls extends Rate {
  /** By service and region; calls that no service has seen are in the sum only. */
  readonly of: readonly ({ readonly service: string; readonly region: string } & Rate)[]
}

const WINDOW_SECONDS = 10

/** Counts calls; `nowSeconds` is any clock in real seconds. */
export function createTally(nowSeconds: () => number = () => performance.now() / 1000) {
  const all = counter(nowSeconds)
  const parts = new Map<string, ReturnType<typeof counter>>()
  return {
    count: all.count,
    countOf({ service, region }: { readonly service: string; readonly region: string }): void {
      const name = `${service} ${region}`
      const part = parts.get(name) ?? counter(nowSeconds)
      parts.set(name, part)
      part.count()
    },
    read(): Calls {
      const of = [...parts].sort().map(([name, part]) => {
        const [service = '', region = ''] = name.split(' ')
        return { service, region, ...part.read() }
      })
      return { ...all.read(), of }
    },
  }
}

function counter(nowSeconds: () => number) {
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
    read(): Rate {
      forget(Math.floor(nowSeconds()))
      const recent = [...bySecond.values()].reduce((sum, count) => sum + count, 0)
      return { total, perSecond: recent / WINDOW_SECONDS }
    },
  }
}
