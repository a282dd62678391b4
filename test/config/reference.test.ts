// The generated files are what the schema says today, every field is described, and the shipped config names its schema.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { configJsonSchema, configReference } from '../../src/config/reference.js'

const STALE = 'run npm run generate'

test('config/regions.schema.json is not stale', () => {
  const written = JSON.parse(readFileSync('config/regions.schema.json', 'utf8'))
  assert.deepEqual(written, JSON.parse(JSON.stringify(configJsonSchema())), STALE)
})

test('docs/config.md is not stale', () => {
  assert.equal(readFileSync('docs/config.md', 'utf8'), configReference(), STALE)
})

test('every field has a type and a description', () => {
  const rows = configReference()
    .split('\n')
    .filter((line) => line.startsWith('| `'))
  assert.ok(rows.length > 35)
  for (const row of rows) {
    const [, , type, , description] = row.split(/(?<!\\)\|/).map((cell) => cell.trim())
    assert.ok(type, row)
    assert.ok(description, row)
  }
})

test('the shipped config names its schema', () => {
  assert.equal(JSON.parse(readFileSync('config/regions.json', 'utf8')).$schema, './regions.schema.json')
})
