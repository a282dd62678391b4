// Writes the constraints of AWS's inputs from botocore: `npm run generate:constraints [-- <folder of botocore>]`.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { findBotocore, generatedFiles } from './botocore.js'

const botocore = findBotocore(process.argv[2])
if (!botocore) {
  console.error('There is no botocore: pip install botocore, or name its folder.')
  process.exit(1)
}
const files = generatedFiles(botocore)
for (const [file, content] of files) {
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(content)}\n`)
}
const biome = 'node_modules/@biomejs/biome/bin/biome'
const { status } = spawnSync(process.execPath, [biome, 'format', '--write', ...files.keys()], {
  stdio: 'inherit',
})
console.log(`from botocore ${botocore.version}: ${[...files.keys()].join(' ')}`)
process.exitCode = status ?? 1
