// A cloud with a graph of fake steps over it, and runs of the tool that can die or be cancelled. For the tests of walks.
import assert from 'node:assert/strict'
import type { Config } from '../../src/config/schema.js'
import { buildGraph } from '../../src/engine/graph.js'
import { plan } from '../../src/engine/plan.js'
import { type AnyStep, available, here, type Identity } from '../../src/engine/step.js'
import { type Outcome, sweepSuperseded, walkDown, walkUp } from '../../src/engine/walk.js'
import { config, Disk, type FakeStep, fake, life, Mortal, nodesOf, World } from './fixture.js'

export const once = ({ home }: Config) => [{ region: home }]
export const idOf = (need: unknown) => (need as Identity).id
export const idsOf = (need: unknown) =>
  [...(need as ReadonlyMap<string, Identity>).values()].map(({ id }) => id).sort()

/** A cloud with steps over it, and runs that can die or be cancelled. */
export function stage(build: (step: (options: FakeStep) => AnyStep) => readonly AnyStep[]) {
  const world = new World()
  const disk = new Disk()
  let mortal = new Mortal()
  const steps = build((options) => fake(world, () => mortal, options))
  const begin = (dieAt: number, signal?: AbortSignal) => {
    mortal = new Mortal(dieAt)
    return life(world, disk, mortal, signal)
  }
  /** Those that the state knows, as `down` walks them. */
  const recorded = () =>
    buildGraph(steps, (step) =>
      step.sites(config()).filter((site) => disk.state.entries[[step.kind, site.region].join('/')]),
    )
  return {
    world,
    disk,
    begin,
    nodes: () => nodesOf(steps),
    async up({
      dieAt = -1,
      signal,
      of = config(),
    }: {
      dieAt?: number
      signal?: AbortSignal
      of?: Config
    } = {}) {
      const { run, events } = begin(dieAt, signal)
      const outcomes = await walkUp(nodesOf(steps, of), of, run)
      const errors = await sweepSuperseded(outcomes, run)
      return { outcomes, errors, events }
    },
    async down({ dieAt = -1, signal }: { dieAt?: number; signal?: AbortSignal } = {}) {
      const { run, events } = begin(dieAt, signal)
      return { outcomes: await walkDown(recorded(), run), events }
    },
    async plan() {
      return plan(nodesOf(steps), config(), begin(-1).run)
    },
  }
}

/** `ready`, `failed`, ... by address. */
export const states = (outcomes: readonly Outcome[]) =>
  Object.fromEntries(outcomes.map(({ node, state }) => [node.address, state]))
/** Fails unless every outcome has that state. */
export const ok = (outcomes: readonly Outcome[], state: Outcome['state']) =>
  assert.deepEqual(
    outcomes.filter((outcome) => outcome.state !== state).map(({ node }) => node.address),
    [],
  )

/** table <- function <- api <- domain, all in every region; the record over all domains that are ready. */
export const chain = () =>
  stage((step) => {
    const table = step({ kind: 'table' })
    const fn = step({
      kind: 'fn',
      needs: { table: here(table) },
      fields: ({ needs }) => ({ table: idOf(needs.table) }),
    })
    const domain = step({
      kind: 'domain',
      needs: { fn: here(fn) },
      fields: ({ needs }) => ({ fn: idOf(needs.fn) }),
    })
    const record = step({
      ...{ kind: 'record', sites: once, needs: { domains: available(domain) } },
      fields: ({ needs }) => ({ to: idsOf(needs.domains) }),
    })
    return [table, fn, domain, record]
  })
