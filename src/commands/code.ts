// The functions' code, bundled before anything is called: a handler that does not compile is a fault of the config, and
// needs no credentials to be told.
import { bundleAll } from '../bundle/bundle.js'
import type { Config } from '../config/schema.js'
import type { Env } from '../engine/env.js'

/** By function key. Throws ConfigError naming file, line and column. */
export async function bundleCode(config: Config): Promise<Env['bundles']> {
  const bundles = await bundleAll(config)
  return Object.fromEntries(
    [...bundles].map(([key, { zip, sha256Base64 }]) => [key, { zip, sha256: sha256Base64 }]),
  )
}
