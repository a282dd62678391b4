// What a stack costs a month before anybody uses it: the parts with a list price that follow from the config alone.
// Traffic, items and backups come on top, and are said to.
import type { Config } from '../config/schema.js'

export interface MonthlyCost {
  readonly currency: 'USD'
  /** Sum of the items, to the cent. */
  readonly total: number
  readonly items: readonly { readonly what: string; readonly usd: number }[]
  readonly besides: string
}

// AWS: list prices in us-east-1, late 2026. Route 53: a policy record $50, a health check of an AWS endpoint $0.50, and
// $1 for each of HTTPS and the fast interval. API Gateway REST $3.50 and Lambda $0.20 a million requests, arm64
// $0.0000133334 a GB-second; DynamoDB $0.125 a million half read units (eventually consistent). Whether an execute-api
// name counts as an AWS endpoint is not confirmed; the other price is $0.75 and $2 each. A first `up` saves its state
// some 180 times, gzipped 4 KB: with transactions (twice the units) and the deletes in two regions below 10,000 replicated
// write units, at $0.625 a million.
const POLICY_RECORD = 50
const CHECK = 0.5
const CHECK_OPTION = 1
const MILLION_REQUESTS = 3.5 + 0.2 + 0.125
const GB_SECOND = 0.0000133334
const SECONDS_A_MONTH = 30 * 24 * 3600
// AWS: about two checkers stand in each checker region.
const CHECKERS_A_REGION = 2
/** A warm health invocation, billed. */
const PROBE_SECONDS = 0.02

/** Pure. */
export function monthlyCost({ functions, healthCheck, regions: all, state }: Config): MonthlyCost {
  const { intervalSeconds, checkerRegions } = healthCheck
  const regions = all.length
  const probes = (regions * checkerRegions.length * CHECKERS_A_REGION * SECONDS_A_MONTH) / intervalSeconds
  const memory = functions.find(({ key }) => key === healthCheck.function)!.memoryMb / 1024
  const options = intervalSeconds === 10 ? 2 : 1
  const items = [
    { what: 'traffic policy record', usd: POLICY_RECORD },
    {
      what: `${regions} health checks (HTTPS${options === 2 ? ', fast' : ''})`,
      usd: regions * (CHECK + options * CHECK_OPTION),
    },
    {
      what: `${Math.round(probes / 1000)} thousand probes of the checkers (API, function, read)`,
      usd: (probes / 1e6) * MILLION_REQUESTS + probes * PROBE_SECONDS * memory * GB_SECOND,
    },
  ].map(({ what, usd }) => ({ what, usd: cents(usd) }))
  return {
    currency: 'USD',
    total: cents(items.reduce((sum, { usd }) => sum + usd, 0)),
    items,
    besides: `requests, items (each write is charged in all ${regions} regions)${state.backend === 'file' ? '' : ', the writes of the shared state (less than a cent for a first up)'}, backups and logs come on top; the zone is yours already`,
  }
}

const cents = (usd: number) => Math.round(usd * 100) / 100
