// The version in package.json, wherever this code was built to.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export function version(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url))
  for (;;) {
    try {
      const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
      if (name === 'multiregion') return version
    } catch {
      // No package.json here; one folder up.
    }
    const above = path.dirname(folder)
    if (above === folder) return 'unknown'
    folder = above
  }
}
