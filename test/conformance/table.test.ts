// The table in the docs is the one that the suites print.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { conformanceTable } from './table.js'

test('docs/local-cloud.md has what npm run generate writes', async () => {
  const document = readFileSync('docs/local-cloud.md', 'utf8')
  assert.equal(document, await conformanceTable(document))
})
