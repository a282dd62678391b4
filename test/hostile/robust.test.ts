// A small part of `npm run robust`: random damage to the state, random configs and events.
import { test } from 'node:test'
import { randomConfigs } from './config.js'
import { corruptStates } from './corruption.js'
import { randomEvents } from './event.js'

// A seed of its own each time would find more and could not be told from an edit that broke something.
const seed = 7

test('a damaged state: a clear word, and no mutating call', async (t) => {
  const figures = await corruptStates({ runs: 60, seed, sealedShare: 0.1, verbsEvery: 20 })
  t.diagnostic(JSON.stringify(figures))
})

test('a random config: a Config that every step can work with, or a ConfigError', () =>
  randomConfigs({ numRuns: 400, seed }))

test('random events: an answer, nothing of our insides, nothing half stored', () =>
  randomEvents({ numRuns: 400, seed }))
