// Which of several candidates a routing rule gives to a client: weighted, latency, failover, geolocation,
// geoproximity, multivalue. Records and traffic policies choose alike; `answer.ts` and `policy-answer.ts` bring
// the candidates, with their health already known.
import { distanceKm, type Location } from './location.js'
import { REGIONS } from './region.js'

export type Rule = 'simple' | 'weighted' | 'latency' | 'failover' | 'geo' | 'geoproximity' | 'multivalue'

export interface Geo {
  readonly continent?: string
  /** `*` is the default location. */
  readonly country?: string
  readonly subdivision?: string
}

export interface Candidate<T> {
  readonly target: T
  readonly healthy: boolean
  readonly weight?: number
  /** Latency: the region that serves. */
  readonly region?: string
  readonly failover?: 'PRIMARY' | 'SECONDARY'
  readonly geo?: Geo
  readonly point?: { readonly latitude: number; readonly longitude: number; readonly bias: number }
}

// AWS: a multivalue answer holds up to eight values.
const MULTIVALUE_ANSWERS = 8

/** The targets for this client; none where a geolocation rule has no match and no default. `random` is in 0..1. */
export function choose<T>(
  rule: Rule,
  candidates: readonly Candidate<T>[],
  client: Location,
  random: () => number,
): T[] {
  const all = [...candidates]
  switch (rule) {
    case 'simple':
      return all.slice(0, 1).map(({ target }) => target)
    case 'weighted':
      return firstOf(byWeight(all, random))
    case 'latency':
      return firstOf(nearest(healthyOrAll(all), ({ region }) => distanceToRegion(client, region)))
    case 'geoproximity':
      return firstOf(nearest(healthyOrAll(all), ({ point }) => biasedDistance(client, point)))
    case 'failover':
      return firstOf(byFailover(all))
    case 'geo':
      return firstOf(byGeo(all, client))
    case 'multivalue':
      return shuffled(healthyOrAll(all), random)
        .slice(0, MULTIVALUE_ANSWERS)
        .map(({ target }) => target)
  }
}

const firstOf = <T>(candidate: Candidate<T> | undefined) => (candidate ? [candidate.target] : [])

/** AWS: when all are unhealthy, all count as healthy. */
function healthyOrAll<T>(candidates: Candidate<T>[]): Candidate<T>[] {
  const healthy = candidates.filter((candidate) => candidate.healthy)
  return healthy.length ? healthy : candidates
}

/** AWS: zero weights are used only when every non-zero one is unhealthy, or when all weights are zero. */
function byWeight<T>(candidates: Candidate<T>[], random: () => number): Candidate<T> | undefined {
  const live = healthyOrAll(candidates)
  const weighted = live.filter(({ weight }) => weight)
  const chosen = weighted.length ? weighted : live
  const weightOf = ({ weight }: Candidate<T>) => weight || 1
  let left = random() * chosen.reduce((sum, candidate) => sum + weightOf(candidate), 0)
  for (const candidate of chosen) {
    left -= weightOf(candidate)
    if (left < 0) return candidate
  }
  return chosen.at(-1)
}

function byFailover<T>(candidates: Candidate<T>[]): Candidate<T> | undefined {
  const of = (role: 'PRIMARY' | 'SECONDARY') => candidates.find(({ failover }) => failover === role)
  const [primary, secondary] = [of('PRIMARY'), of('SECONDARY')]
  if (primary?.healthy || !secondary?.healthy) return primary ?? secondary
  return secondary
}

function nearest<T>(candidates: Candidate<T>[], distance: (candidate: Candidate<T>) => number) {
  return candidates
    .map((candidate) => ({ candidate, far: distance(candidate) }))
    .sort((a, b) => a.far - b.far)[0]?.candidate
}

const distanceToRegion = (client: Location, region: string | undefined) => {
  const place = region === undefined ? undefined : REGIONS[region]
  return place ? distanceKm(client, place) : Number.POSITIVE_INFINITY
}

/** AWS: a positive bias shrinks the distance by that many percent, a negative one stretches it likewise. */
function biasedDistance(client: Location, point: Candidate<unknown>['point']): number {
  if (!point) return Number.POSITIVE_INFINITY
  const far = distanceKm(client, point)
  return point.bias >= 0 ? far * (1 - point.bias / 100) : far / (1 + point.bias / 100)
}

/** AWS: the most specific location that matches answers; while it is unhealthy, the next wider one does. */
function byGeo<T>(candidates: Candidate<T>[], client: Location): Candidate<T> | undefined {
  const matching = candidates
    .map((candidate) => ({ candidate, precision: precisionOf(candidate.geo, client) }))
    .filter(({ precision }) => precision > 0)
    .sort((a, b) => b.precision - a.precision)
    .map(({ candidate }) => candidate)
  return matching.find(({ healthy }) => healthy) ?? matching[0]
}

/** 4 subdivision, 3 country, 2 continent, 1 default, 0 no match. */
function precisionOf(geo: Geo | undefined, client: Location): number {
  if (!geo) return 0
  if (geo.country === '*') return 1
  if (geo.continent) return geo.continent === client.continent ? 2 : 0
  if (geo.country !== client.country) return 0
  if (!geo.subdivision) return 3
  return geo.subdivision === client.subdivision ? 4 : 0
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item)
}
