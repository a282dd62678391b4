// The zips: the same bytes everywhere, really running in Node, and clear errors for sources that cannot be bundled.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { cpSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { unzipSync } from 'fflate'
import { ConfigError, EXIT } from '../../src/base/errors.js'
import { type Bundle, bundleAll, bundleFunction } from '../../src/bundle/bundle.js'
import { type Project, project } from '../config/fixture.js'

const projects: Project[] = []
after(() => {
  for (const one of projects) one.remove()
})

function newProject(): Project {
  const one = project()
  projects.push(one)
  return one
}

const HANDLERS = ['get-item', 'put-item', 'health']

/** The shipped handlers in a folder of their own, beside the SDK. */
function shippedElsewhere(): Project {
  const one = newProject()
  cpSync('src/handlers', join(one.root, 'src/handlers'), { recursive: true })
  symlinkSync(join(process.cwd(), 'node_modules'), join(one.root, 'node_modules'))
  return one
}

const code = (bundle: Bundle) => Buffer.from(unzipSync(bundle.zip)['index.mjs']!).toString()

/** Unpacks a zip as Lambda would, and imports it. */
async function load(bundle: Bundle): Promise<Record<string, unknown>> {
  const file = newProject().write('task/index.mjs', code(bundle))
  return import(pathToFileURL(file).href)
}

async function refusal(work: Promise<unknown>): Promise<ConfigError> {
  const error = await work.then(
    () => assert.fail('it was bundled'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof ConfigError, String(error))
  assert.equal(error.exit, EXIT.usage)
  return error
}

describe('the zip of a handler', () => {
  test('is the same from two folders, and knows neither', async () => {
    for (const name of HANDLERS) {
      const bundles = await Promise.all(
        [shippedElsewhere(), shippedElsewhere()].map(({ root }) =>
          bundleFunction({ entry: join(root, `src/handlers/${name}.ts`), root }),
        ),
      )
      const ours = await bundleFunction({
        entry: join(process.cwd(), `src/handlers/${name}.ts`),
        root: process.cwd(),
      })
      for (const bundle of bundles) {
        assert.equal(bundle.sha256Base64, ours.sha256Base64)
        assert.doesNotMatch(code(bundle), /multiregion-test-|\/node_modules\//)
      }
    }
  })

  test('with packages of its own is the same from two folders', async () => {
    const hashes = await Promise.all(
      [newProject(), newProject()].map(async (one) => {
        const entry = withCommonJs(one)
        return (await bundleFunction({ entry, root: one.root })).sha256Base64
      }),
    )
    assert.equal(hashes[0], hashes[1])
  })

  test('is the same in every time zone', () => {
    const script = `
      import { bundleFunction } from './src/bundle/bundle.ts'
      const entry = process.cwd() + '/src/handlers/health.ts'
      console.log((await bundleFunction({ entry, root: process.cwd() })).sha256Base64)`
    const hashes = ['Pacific/Kiritimati', 'America/Los_Angeles'].map((TZ) =>
      execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
        env: { ...process.env, TZ },
        encoding: 'utf8',
      }),
    )
    assert.match(hashes[0]!, /^[\w+/]{43}=\n$/)
    assert.equal(hashes[0], hashes[1])
  })

  test('changes with the source', async () => {
    const one = newProject()
    const entry = one.write('src/a.ts', 'export const handler = async () => 1')
    const first = await bundleFunction({ entry, root: one.root })
    one.write('src/a.ts', 'export const handler = async () => 2')
    const second = await bundleFunction({ entry, root: one.root })
    assert.notEqual(first.sha256Base64, second.sha256Base64)
  })

  test('has its hash and size, and one file that everybody may read', async () => {
    const one = newProject()
    const { zip, sha256Base64, sizeBytes } = await bundleFunction({
      entry: join(one.root, 'src/handlers/health.ts'),
      root: one.root,
    })
    assert.equal(sha256Base64, createHash('sha256').update(zip).digest('base64'))
    assert.equal(sizeBytes, zip.length)
    assert.deepEqual(Object.keys(unzipSync(zip)), ['index.mjs'])
    const central = Buffer.from(zip).indexOf(Buffer.from([0x50, 0x4b, 1, 2]))
    const view = new DataView(zip.buffer, zip.byteOffset)
    assert.equal(zip[central + 5], 3, 'made on Unix')
    assert.equal(view.getUint32(central + 38, true) >>> 16, 0o100644)
  })

  test('does not depend on a tsconfig.json above the project', async () => {
    const one = newProject()
    const source = 'class A { x; constructor(){ } }\nexport const handler = async () => Object.keys(new A())'
    const entry = one.write('below/src/a.ts', source)
    const root = join(one.root, 'below')
    const without = await bundleFunction({ entry, root })
    one.write('tsconfig.json', JSON.stringify({ compilerOptions: { useDefineForClassFields: false } }))
    const beside = await bundleFunction({ entry, root })
    assert.equal(beside.sha256Base64, without.sha256Base64)
  })
})

function withCommonJs(one: Project): string {
  one.write('node_modules/old/package.json', '{"name": "old", "main": "index.js"}')
  one.write(
    'node_modules/old/index.js',
    `const path = require('path'); class OldError extends Error {}
     exports.about = () => [path.basename(__filename), typeof __dirname, new OldError().constructor.name]`,
  )
  return one.write(
    'src/old.ts',
    `import { about } from 'old'
     import { createRequire } from 'node:module'
     const require = createRequire(import.meta.url)
     const __dirname: number = 5
     export const handler = async () => [...about(), typeof require('node:fs').readFileSync, __dirname]`,
  )
}

describe('a bundle runs', () => {
  for (const name of HANDLERS) {
    test(`${name}, which refuses a bad request by itself`, async (t) => {
      t.mock.method(console, 'error', () => undefined)
      const entry = join(process.cwd(), `src/handlers/${name}.ts`)
      const module = await load(await bundleFunction({ entry, root: process.cwd() }))
      assert.deepEqual(Object.keys(module), ['handler'])
      const answer = await (module.handler as (event: object) => Promise<{ statusCode: number }>)({})
      assert.equal(answer.statusCode, name === 'health' ? 500 : 400)
    })
  }

  test('with CommonJS dependencies and names of its own', async () => {
    const one = newProject()
    const module = await load(await bundleFunction({ entry: withCommonJs(one), root: one.root }))
    const answer = await (module.handler as () => Promise<unknown>)()
    assert.deepEqual(answer, ['index.mjs', 'string', 'OldError', 'function', 5])
  })
})

describe('a source is refused that', () => {
  const cases: [what: string, file: string, source: string, says: RegExp, hint: RegExp][] = [
    [
      'does not compile',
      'a.ts',
      'export const handler = async () => {\n  return }}',
      /src\/a\.ts does not compile: src\/a\.ts:2:11: Unexpected "}"/,
      /Correct src\/a\.ts/,
    ],
    [
      'imports what is not there',
      'b.ts',
      "import 'nowhere'\nexport const handler = 1",
      /src\/b\.ts:1:8: Could not resolve "nowhere"/,
      /where it is, not where multiregion is\. In \/.*: npm install nowhere, or correct the import/,
    ],
    [
      'imports parts of packages that are not installed',
      'g.ts',
      "import '@some/where/deep.js'\nimport 'else/where'\nimport './beside.js'\nexport const handler = 1",
      /Could not resolve "@some\/where\/deep\.js"/,
      /: npm install @some\/where else, or/,
    ],
    [
      'imports a file that is not there',
      'h.ts',
      "import './beside.js'\nexport const handler = 1",
      /Could not resolve/,
      /^Correct src\/h\.ts/,
    ],
    [
      'exports nothing',
      'c.ts',
      'const handler = async () => 1',
      /must export `handler`, but it exports no such name/,
      /export const handler/,
    ],
    [
      'exports another name',
      'd.ts',
      'export const main = async () => 1',
      /exports no such name/,
      /export const handler/,
    ],
    [
      'is CommonJS',
      'e.js',
      'module.exports.handler = async () => 1',
      /must export `handler`, but it is CommonJS/,
      /export const handler/,
    ],
    ['is a declaration', 'f.ts', 'export declare const handler: number', /exports no such name|handler/, /./],
  ]
  for (const [what, file, source, says, hint] of cases) {
    test(what, async () => {
      const one = newProject()
      const error = await refusal(bundleFunction({ entry: one.write(`src/${file}`, source), root: one.root }))
      assert.match(error.message, says)
      assert.match(error.hint, hint)
      assert.equal(error.data.file, join(one.root, 'src', file))
    })
  }

  test('makes too large a zip', async () => {
    const one = newProject()
    const noise = randomBytes(2 * 1024 * 1024).toString('hex')
    const entry = one.write('src/big.ts', `export const handler = async () => '${noise}'`)
    const error = await refusal(bundleFunction({ entry, root: one.root, largestZipBytes: 1024 * 1024 }))
    assert.match(error.message, /src\/big\.ts makes a zip of 2\.\d MB; Lambda takes at most 1\.0 MB/)
  })
})

describe('all functions of a config', () => {
  test('are bundled by key, each source once', async () => {
    const one = newProject()
    const functions = [
      { key: 'a', handlerFile: join(one.root, 'src/handlers/health.ts') },
      { key: 'b', handlerFile: one.write('src/b.ts', 'export const handler = async () => 2') },
      { key: 'c', handlerFile: join(one.root, 'src/handlers/health.ts') },
    ]
    const bundles = await bundleAll({ root: one.root, functions }, 2)
    assert.deepEqual([...bundles.keys()], ['a', 'b', 'c'])
    assert.equal(bundles.get('a'), bundles.get('c'))
    assert.notEqual(bundles.get('a')?.sha256Base64, bundles.get('b')?.sha256Base64)
  })

  test('are refused together', async () => {
    const one = newProject()
    const functions = ['a', 'b', 'health'].map((key) => ({
      key,
      handlerFile:
        key === 'health' ? join(one.root, 'src/handlers/health.ts') : one.write(`src/${key}.ts`, '}'),
    }))
    const { message } = await refusal(bundleAll({ root: one.root, functions }))
    assert.match(message, /src\/a\.ts does not compile.*\n.*src\/b\.ts does not compile/)
  })
})
