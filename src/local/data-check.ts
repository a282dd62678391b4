// Looks at the data of a cloud before anything is opened: what is damaged or gone is named, and nothing is written over
// it. `settings.ts` looks after its own file, and LevelDB after what it does not pass over: its tables and its manifest.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { damaged } from './failure.js'
import { findDamage } from './leveldb-log.js'

/** `hasServed`: a cloud has come up on this folder before. Throws LocalFailure. */
export function refuseDamage(dataDir: string, hasServed: boolean): void {
  const store = path.join(dataDir, 'store')
  // The process before may have been killed before its store was made.
  if (hasServed && !existsSync(path.join(store, 'CURRENT')))
    throw damaged(store, 'it is missing, with settings beside it that it belongs to')
  const regions = path.join(dataDir, 'dynamodb')
  for (const folder of [store, ...namesIn(regions).map((region) => path.join(regions, region))])
    for (const name of namesIn(folder)) if (name.endsWith('.log')) refuseDamagedLog(path.join(folder, name))
}

function refuseDamagedLog(file: string): void {
  // A process that still ends removes what it no longer needs.
  if (!existsSync(file)) return
  const at = findDamage(readFileSync(file))
  if (at !== undefined) throw damaged(file, `the record at byte ${at} is not as it was written`)
}

const namesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder) : [])
