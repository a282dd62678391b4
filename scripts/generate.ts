// Writes what is made from the sources: `npm run generate` after a change of src/config/schema.ts, of the operator's
// policy in src/commands/operator-policy.ts, or of a suite in test/conformance/.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { withOperatorPolicy } from '../src/commands/operator-policy.js'
import { configJsonSchema, configReference } from '../src/config/reference.js'
import { conformanceTable } from '../test/conformance/table.js'

const schemaFile = 'config/regions.schema.json'
writeFileSync(schemaFile, `${JSON.stringify(configJsonSchema(), null, 2)}\n`)
writeFileSync('docs/config.md', configReference())
writeFileSync('docs/local-cloud.md', await conformanceTable(readFileSync('docs/local-cloud.md', 'utf8')))
writeFileSync('docs/operating.md', withOperatorPolicy(readFileSync('docs/operating.md', 'utf8')))
// The formatter has the last word on the file's line breaks, as it has on all others.
const { status } = spawnSync(
  process.execPath,
  ['node_modules/@biomejs/biome/bin/biome', 'format', '--write', schemaFile],
  {
    stdio: 'inherit',
  },
)
process.exitCode = status ?? 1
