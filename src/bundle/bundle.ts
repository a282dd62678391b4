// From a handler's source to the zip that Lambda runs: the same bytes on every machine and in every folder, so that a
// changed hash means changed code. Uploads nothing; the function step does.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { BuildFailure, Message } from 'esbuild'
import { zipSync } from 'fflate'
import { ConfigError } from '../base/errors.js'

export interface Bundle {
  /** `index.mjs` alone; Lambda's Handler is `index.handler`. */
  readonly zip: Uint8Array
  /** SHA-256 of the zip in base64, as Lambda's CodeSha256. */
  readonly sha256Base64: string
  readonly sizeBytes: number
}

export interface BundleInput {
  /** Absolute path of the source that exports `handler`. */
  readonly entry: string
  /** Absolute path of the project root. */
  readonly root: string
  /** Default: what Lambda takes. */
  readonly largestZipBytes?: number
}

// AWS: a zip that comes with the call itself, not from S3, holds at most 50 MB.
const LARGEST_ZIP_BYTES = 50 * 1024 * 1024
const megabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MB`

// CommonJS dependencies expect these three, which an ES module does not have.
const BANNER = [
  `import { createRequire as bundleRequire } from 'node:module'`,
  `import { dirname as bundleDirname } from 'node:path'`,
  `import { fileURLToPath as bundlePath } from 'node:url'`,
  'const require = bundleRequire(import.meta.url)',
  'const __filename = bundlePath(import.meta.url)',
  'const __dirname = bundleDirname(__filename)',
].join(';')

/** Bundles and zips one handler. Throws ConfigError where the source does not compile or exports no `handler`. */
export async function bundleFunction(input: BundleInput): Promise<Bundle> {
  const { entry, root, largestZipBytes = LARGEST_ZIP_BYTES } = input
  const name = relative(root, entry)
  const code = await compile(entry, root, name)
  const zip = zipOf(code)
  if (zip.length > largestZipBytes) {
    throw new ConfigError(
      `The handler ${name} makes a zip of ${megabytes(zip.length)}; Lambda takes at most ${megabytes(largestZipBytes)} with the call.`,
      `Import less in ${name}, then run multiregion plan.`,
      { file: entry },
    )
  }
  return { zip, sha256Base64: createHash('sha256').update(zip).digest('base64'), sizeBytes: zip.length }
}

/**
 * Bundles every function of a config, each source once, `concurrency` at a time; the map is by function key.
 * Throws one ConfigError for all sources that are wrong.
 */
export async function bundleAll(
  config: { readonly root: string; readonly functions: readonly { key: string; handlerFile: string }[] },
  concurrency = 2,
): Promise<ReadonlyMap<string, Bundle>> {
  const entries = [...new Set(config.functions.map(({ handlerFile }) => handlerFile))]
  const bundles = new Map<string, Bundle>()
  const wrong: ConfigError[] = []
  const queue = entries.values()
  const work = async () => {
    for (const entry of queue) {
      try {
        bundles.set(entry, await bundleFunction({ entry, root: config.root }))
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error
        wrong.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, concurrency) }, work))
  if (wrong.length === 1) throw wrong[0]
  if (wrong.length > 1) {
    const message = wrong.map((error) => error.message).sort()
    throw new ConfigError(message.join('\n'), 'Correct these handlers, then run multiregion plan.')
  }
  return new Map(config.functions.map(({ key, handlerFile }) => [key, bundles.get(handlerFile)!]))
}

async function compile(entry: string, root: string, name: string): Promise<Uint8Array> {
  const { outputFiles, metafile } = await build(entry, root, name)
  const exported = Object.values(metafile.outputs)[0]?.exports ?? []
  if (!exported.includes('handler')) {
    const commonJs = exported.length === 1 && exported[0] === 'default'
    const found = commonJs ? 'it is CommonJS or has a default export only' : 'it exports no such name'
    throw new ConfigError(
      `The handler ${name} must export \`handler\`, but ${found}.`,
      `Write \`export const handler = async (event) => ...\` in ${name}.`,
      { file: entry },
    )
  }
  return outputFiles[0]!.contents
}

async function build(entry: string, root: string, name: string) {
  const esbuild = await import('esbuild')
  try {
    return await esbuild.build({
      entryPoints: [entry],
      absWorkingDir: root,
      outfile: 'index.mjs',
      write: false,
      metafile: true,
      bundle: true,
      platform: 'node',
      // Lambda runs it on Node 24, the local cloud on this machine's Node, which is 20 or later.
      target: 'node20',
      format: 'esm',
      mainFields: ['module', 'main'],
      minify: true,
      // Programs tell errors apart by the names of their classes.
      keepNames: true,
      legalComments: 'none',
      banner: { js: BANNER },
      ...tsconfig(root),
      logLevel: 'silent',
    })
  } catch (error) {
    const { errors } = error as Partial<BuildFailure>
    throw errors ? compileError(name, { entry, root }, errors) : error
  }
}

/**
 * esbuild takes the nearest tsconfig.json above a source. Where the project has one, that is the end of the search;
 * where it has none, one above the root would make the zip depend on the folder, so none is taken.
 */
function tsconfig(root: string) {
  return existsSync(join(root, 'tsconfig.json')) ? {} : { tsconfigRaw: {} }
}

const MOST_ERRORS = 5

function compileError(name: string, { entry, root }: BundleInput, errors: readonly Message[]): ConfigError {
  const lines = errors.slice(0, MOST_ERRORS).map(({ text, location }) => {
    if (!location) return text
    return `${location.file}:${location.line}:${location.column + 1}: ${text}`
  })
  const more = errors.length > MOST_ERRORS ? [`and ${errors.length - MOST_ERRORS} more`] : []
  const unresolved = errors.flatMap(({ text }) => /^Could not resolve "(.+?)"/.exec(text)?.[1] ?? [])
  const packages = [...new Set(unresolved.filter((id) => !/^[./]/.test(id)).map(packageOf))]
  return new ConfigError(
    `The handler ${name} does not compile: ${[...lines, ...more].join('\n  ')}`,
    packages.length > 0
      ? `What a handler imports has to be installed where it is, not where multiregion is. In ${root}: npm install ${packages.join(' ')}, or correct the import; then run multiregion plan.`
      : `Correct ${name}, then run multiregion plan.`,
    { file: entry },
  )
}

const packageOf = (id: string) => id.split('/', id.startsWith('@') ? 2 : 1).join('/')

function zipOf(code: Uint8Array): Uint8Array {
  // A zip keeps local time without its zone: this is the same noon everywhere.
  const mtime = new Date(1980, 0, 1, 12)
  const readableByAll = 0o100644
  // 3 is Unix: then the upper half of the attributes is the file's mode.
  return zipSync({ 'index.mjs': [code, { level: 9, mtime, os: 3, attrs: readableByAll << 16 }] })
}
