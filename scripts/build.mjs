// Builds dist/: the CLI as split chunks, so that `--help` loads next to nothing, and the daemon of the local cloud.
// The SDK is bundled into the CLI from its ES modules; the daemon takes its libraries from node_modules as they are.
import { copyFileSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { build } from 'esbuild'

// Built beside and swapped at the end: a CLI that runs meanwhile finds its chunks nearly always.
const next = `dist.${process.pid}`

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  outdir: next,
  logLevel: 'warning',
  legalComments: 'none',
  // CommonJS dependencies expect `require`.
  banner: {
    js: "import { createRequire as nodeRequire } from 'node:module'; const require = nodeRequire(import.meta.url);",
  },
}
await build({
  ...shared,
  entryPoints: { cli: 'src/cli.ts' },
  splitting: true,
  mainFields: ['module', 'main'],
  external: ['esbuild'],
  minifySyntax: true,
  minifyWhitespace: true,
})
await build({ ...shared, entryPoints: { 'local/daemon': 'src/local/daemon.ts' }, packages: 'external' })
mkdirSync(`${next}/local`, { recursive: true })
copyFileSync('src/local/lambda/bootstrap.mjs', `${next}/local/bootstrap.mjs`)
rmSync('dist', { recursive: true, force: true })
renameSync(next, 'dist')
