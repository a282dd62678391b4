// Every planted bug finds its place: a text that has moved on plants nothing. `npm run mutants` plants them.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { MUTANTS } from './mutants.js'

const ROOT = path.resolve(import.meta.dirname, '../..')

test('every mutant has its text exactly once, and changes it', () => {
  assert.ok(MUTANTS.length >= 40)
  for (const { name, file, find, replace } of MUTANTS) {
    assert.equal(readFileSync(path.join(ROOT, file), 'utf8').split(find).length, 2, `${name}: ${file}`)
    assert.notEqual(find, replace, name)
  }
})
