// What a stage serves at this moment: its deployment's snapshot with a router over it, made once per deployment.
// When a change of a stage is in effect says `stage.ts`.
import type { World } from '../world.js'
import type { Destination } from './destination.js'
import { type ApiSnapshot, type Kept, partKey, type Serving } from './record.js'
import { createRouter, type Match, type Router } from './router.js'
import { inEffect } from './transition.js'

interface Compiled {
  readonly snapshot: ApiSnapshot
  readonly router: Router
}

export type Served = Compiled & Serving

/** A request's way: the stage it is for, what that serves, the method that was found. */
export interface Route {
  readonly region: string
  readonly destination: Destination
  readonly serving: Served
  readonly match: Match
}

/** Finds what a stage serves; undefined for an unknown stage, and for one that is not live yet. */
export function stagesServed(world: World, kept: Kept) {
  const compiled = new Map<string, Compiled>()

  function compile(key: string): Compiled | undefined {
    if (!kept.deployments.has(key)) {
      compiled.delete(key)
      return undefined
    }
    const known = compiled.get(key)
    if (known) return known
    const { snapshot } = kept.deployments.get(key)!
    const fresh = { snapshot, router: createRouter(snapshot.resources) }
    compiled.set(key, fresh)
    return fresh
  }

  return (region: string, { restApiId, stage }: Destination): Served | undefined => {
    const record = kept.stages.get(partKey(region, restApiId, stage))
    const now = record && inEffect(world, record.serving)
    if (!now) return undefined
    // A deployment that is still served may be deleted: its successor takes over at once.
    for (const serving of [now, record.serving.coming?.value]) {
      const deployment = serving && compile(partKey(region, restApiId, serving.deploymentId))
      if (deployment) return { ...deployment, ...serving }
    }
    return undefined
  }
}
