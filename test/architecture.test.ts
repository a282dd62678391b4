// The floors of the house: which room may import which. Reads the import statements of src/ and fails on any other, so
// that the picture in docs/architecture.md stays true. A rule is a room or a file of one, or a library; `type` before it
// allows types only, `lazy` an import() and types. Node's own modules are free for all, and so is a file's own room.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import path from 'node:path'
import { describe, test } from 'node:test'

const SDK = ['@aws-sdk/*', '@smithy/types']
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  config: ['base', 'zod', 'fastest-levenshtein'],
  aws: ['base', ...SDK],
  probe: ['base', 'dns-packet'],
  engine: ['base', 'aws/errors', 'type config', 'type aws/context'],
  state: ['base', 'aws/errors', 'type engine/ledger', 'zod', ...SDK],
  bundle: ['base', 'esbuild', 'fflate'],
  steps: [
    ...['engine/step', 'engine/diff', 'aws', 'bundle', 'base/names', 'base/errors', 'type config/schema'],
    ...SDK,
  ],
  commands: ['base', 'config', 'aws', 'probe', 'engine', 'state', 'bundle', 'steps', ...SDK],
  ui: ['base', 'type commands', 'ora'],
  cli: ['base', 'config', 'aws', 'engine', 'state', 'commands', 'ui', 'commander', 'lazy local/door'],
  handlers: SDK,
  local: ['any library'],
}

interface Import {
  readonly from: string
  readonly how: 'value' | 'type' | 'lazy'
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ts|mjs)$/.test(name))
  .map((name) => ({
    name: name.split(path.sep).join('/'),
    text: readFileSync(path.join('src', name), 'utf8'),
  }))

/** `steps/role.ts` -> `steps`; the files beside the rooms are the CLI. */
const roomOf = (name: string) => (name.includes('/') ? name.split('/')[0]! : 'cli')

function importsOf(text: string): Import[] {
  const statements = text.matchAll(
    /^(?:import|export)\s+(type\s)?(?:([\w*,\s]*(?:\{[^}]*\})?)\s*from\s+)?'([^'\n]+)'/gm,
  )
  const lazy = text.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g)
  return [
    ...[...statements].map(([, type, names = '', from]): Import => {
      const named = /^\s*\{(.*)\}$/s
        .exec(names)?.[1]
        ?.split(',')
        .filter((name) => name.trim())
      const typesOnly = type !== undefined || named?.every((name) => /^\s*type\s/.test(name)) === true
      return { from: from!, how: typesOnly ? 'type' : 'value' }
    }),
    ...[...lazy].map(([, from]): Import => ({ from: from!, how: 'lazy' })),
  ]
}

/** Inside src: `engine/step`. Libraries keep their names. */
const targetOf = (file: string, from: string) =>
  from.startsWith('.') ? path.posix.join(path.posix.dirname(file), from).replace(/\.(js|ts|mjs)$/, '') : from

function allows(rule: string, target: string, { from, how }: Import): boolean {
  if (rule === 'any library') return !from.startsWith('.')
  const [, only, what] = /^(?:(type|lazy) )?(.*)$/.exec(rule)!
  const fits = what!.endsWith('*')
    ? target.startsWith(what!.slice(0, -1))
    : target === what || target.startsWith(`${what}/`)
  if (!only) return fits
  return fits && (how === 'type' || how === only)
}

/** What a file imports against the table, as `src/ui/x.ts imports aws/tags (value), but ui may import base`. */
function trespasses(name: string, text: string): string[] {
  const room = roomOf(name)
  const rules = FLOORS[room] ?? []
  return importsOf(text).flatMap((one) => {
    const target = targetOf(name, one.from)
    const own = one.from.startsWith('.') && roomOf(target) === room
    if (isBuiltin(one.from) || own || rules.some((rule) => allows(rule, target, one))) return []
    return [
      `src/${name} imports ${target} (${one.how}), but ${room} may import ${rules.join(', ') || 'nothing'}`,
    ]
  })
}

describe('every import keeps to its floor', () => {
  for (const room of new Set([...files.map(({ name }) => roomOf(name)), ...Object.keys(FLOORS)]))
    test(room, () => {
      assert.ok(FLOORS[room], `the room src/${room} is not in the table of floors`)
      const all = files.filter(({ name }) => roomOf(name) === room)
      assert.ok(all.length > 0, `the table of floors has a room ${room} that src/ has not`)
      assert.deepEqual(
        all.flatMap(({ name, text }) => trespasses(name, text)),
        [],
      )
    })

  test('and a trespass is seen', () => {
    const seen = (name: string, text: string) => trespasses(name, text).length
    assert.equal(seen('engine/x.ts', "import { kindOf } from '../aws/errors.js'"), 0)
    assert.equal(seen('engine/x.ts', "import { ownerTags } from '../aws/tags.js'"), 1)
    assert.equal(seen('engine/x.ts', "import type { Config } from '../config/schema.js'"), 0)
    assert.equal(seen('engine/x.ts', "import { configSchema } from '../config/schema.js'"), 1)
    assert.equal(seen('engine/x.ts', "import {\n  type A,\n  b,\n} from '../config/schema.js'"), 1)
    assert.equal(seen('cli.ts', "const door = () => import('./local/door.js')"), 0)
    assert.equal(seen('cli.ts', "import { find } from './local/door.js'"), 1)
    assert.equal(seen('local/x.ts', "import { clockAt } from '../base/clock.js'"), 1)
    assert.equal(seen('base/x.ts', "import { z } from 'zod'\nimport 'node:fs'"), 1)
  })
})

const offenders = (offends: (text: string) => boolean) =>
  files.filter(({ text }) => offends(text)).map(({ name }) => `src/${name}`)

test('no file has more than 300 lines', () => {
  assert.deepEqual(
    offenders((text) => text.split('\n').length - 1 > 300),
    [],
  )
})

test('no file has a default export', () => {
  assert.deepEqual(
    offenders((text) => /^export (default\b|\{[^}]*\bdefault\b)/m.test(text)),
    [],
  )
})

test('every file begins with a comment: what it is, what it is not, which neighbour completes it', () => {
  assert.deepEqual(
    offenders((text) => !/^\/\/ \S.*\n/.test(text)),
    [],
  )
})
