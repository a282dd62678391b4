// A told life as a test: it ends well, or the test shows what was broken and the whole trace.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulate } from './life.js'
import type { Simulation, SimulationOptions } from './simulation.js'

/** A life that must end well. */
export function scenario(
  what: string,
  story: (world: Simulation) => Promise<void>,
  options?: Partial<SimulationOptions>,
): void {
  test(what, async () => {
    const { violation, trace } = await simulate({ seed: 1, ...options }, story)
    assert.equal(violation, undefined, `${violation?.stack}\n${trace.join('\n')}`)
  })
}

/** Where the config wants the state, from the next `up` on. */
export const share = (world: Simulation, backend: 'file' | 'global-table' = 'global-table'): void =>
  world.edit(backend, (written) => Object.assign(written, { state: { backend } }))
