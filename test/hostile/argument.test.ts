// A small part of `npm run robust`. In a file of its own: what it captures of stdout would else be other tests' reports.
import { test } from 'node:test'
import { randomArguments } from './argument.js'

test('random arguments: an exit code of the contract, a clear word, and nothing made', () =>
  randomArguments({ numRuns: 400, seed: 7 }))
