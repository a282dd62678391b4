// Writes what is made from the config's schema: `npm run generate` after a change of src/config/schema.ts.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { configJsonSchema, configReference } from '../src/config/reference.js'

const schemaFile = 'config/regions.schema.json'
writeFileSync(schemaFile, `${JSON.stringify(configJsonSchema(), null, 2)}\n`)
writeFileSync('docs/config.md', configReference())
// The formatter has the last word on the file's line breaks, as it has on all others.
const { status } = spawnSync(
  process.execPath,
  ['node_modules/@biomejs/biome/bin/biome', 'format', '--write', schemaFile],
  {
    stdio: 'inherit',
  },
)
process.exitCode = status ?? 1
