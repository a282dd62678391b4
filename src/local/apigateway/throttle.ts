// The throttle that a stage's method settings ask for: token buckets per method, refilled in real time as requests are.
// The control plane's own quotas are the wire's.
import type { MethodSetting } from '@aws-sdk/client-api-gateway'

interface Bucket {
  tokens: number
  readonly at: number
}

/** Takes one request out of a method's bucket; false when there is none left. Without a setting nothing is counted. */
export type Throttle = (bucket: string, setting: MethodSetting | undefined) => boolean

export function createThrottle(now: () => number = () => performance.now()): Throttle {
  const buckets = new Map<string, Bucket>()
  return (name, setting) => {
    const { throttlingRateLimit: perSecond, throttlingBurstLimit: burst } = setting ?? {}
    if (perSecond === undefined || burst === undefined) return true
    const at = now()
    const before = buckets.get(name) ?? { tokens: burst, at }
    const tokens = Math.min(burst, before.tokens + ((at - before.at) / 1000) * perSecond)
    const isAllowed = tokens >= 1
    buckets.set(name, { tokens: isAllowed ? tokens - 1 : tokens, at })
    return isAllowed
  }
}
