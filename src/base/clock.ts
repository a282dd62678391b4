// Time, for everything that waits. On AWS one second is one second; against the local cloud a second of ours is
// `scale` seconds of its, so waits and paces shrink alike. Nothing else in the house sleeps.

export interface Clock {
  /** Cloud seconds in one real second: 1 on AWS. */
  readonly scale: number
  /** Cloud seconds since some fixed start; only differences mean anything. */
  now(): number
  /** Waits that many cloud seconds; rejects with the signal's reason when it aborts. */
  sleep(seconds: number, signal?: AbortSignal): Promise<void>
}

/** The machine's clock, `scale` times as fast. */
export function clockAt(scale: number): Clock {
  return {
    scale,
    now: () => (performance.now() / 1000) * scale,
    sleep: (seconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const stop = () => {
          clearTimeout(timer)
          reject(signal?.reason)
        }
        const timer = setTimeout(
          () => {
            signal?.removeEventListener('abort', stop)
            resolve()
          },
          (seconds / scale) * 1000,
        )
        signal?.addEventListener('abort', stop, { once: true })
      }),
  }
}
