// Random argument lists for the real command tree, in a folder that has no config: each ends with an exit code of the
// contract and a clear word, and makes nothing.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Command } from 'commander'
import fc from 'fast-check'
import { main, program } from '../../src/cli.js'
import { hostileText } from './text.js'

/** Runs that many; throws fast-check's report of the first that is treated wrongly. */
export async function randomArguments(parameters: fc.Parameters<unknown>): Promise<void> {
  const home = process.cwd()
  const folder = mkdtempSync(path.join(tmpdir(), 'arguments-'))
  process.chdir(folder)
  try {
    await fc.assert(
      fc.asyncProperty(words, (argv) => treat(argv, folder)),
      parameters as fc.Parameters<[string[]]>,
    )
  } finally {
    process.chdir(home)
    rmSync(folder, { recursive: true, force: true })
  }
}

const EXITS = new Set([0, 1, 64])

async function treat(argv: string[], folder: string): Promise<void> {
  const { exit, stdout, stderr } = await captured(() => main(argv))
  assert.ok(EXITS.has(exit), `exit ${exit}`)
  const said = stdout + stderr
  assert.doesNotMatch(said, /This is a bug|\n\s+at .*[:(]\d+|TypeError|\[object Object\]/)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
  assert.doesNotMatch(stderr, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
  if (exit !== 0 && !said.includes('Usage: multiregion')) assert.match(stderr, /^next: \S/m)
  assert.deepEqual(readdirSync(folder), [])
}

interface Said {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

async function captured(work: () => Promise<number>): Promise<Said> {
  const said = { stdout: '', stderr: '' }
  const streams = ['stdout', 'stderr'] as const
  const write = streams.map((name) => process[name].write)
  for (const name of streams)
    process[name].write = ((chunk: string | Uint8Array) => {
      said[name] += String(chunk)
      return true
    }) as typeof process.stdout.write
  try {
    return { exit: await work(), ...said }
  } finally {
    streams.forEach((name, index) => {
      process[name].write = write[index]!
    })
  }
}

/** Every verb as it is typed, and every option of each. */
function vocabulary(
  command: Command,
  before: readonly string[] = [],
): { verbs: string[][]; options: string[] } {
  const below = command.commands.map((child) => vocabulary(child, [...before, child.name()]))
  return {
    verbs: [[...before], ...below.flatMap(({ verbs }) => verbs)],
    options: [
      ...command.options.flatMap(({ long, short }) => [long, short].filter((name) => name !== undefined)),
      ...below.flatMap(({ options }) => options),
    ],
  }
}

const { verbs, options } = vocabulary(program(() => undefined))
const value = fc.oneof(
  fc.constantFrom(
    'eu-west-1',
    'us-east-1',
    '7',
    '-1',
    '1.5',
    'article',
    'instant',
    'x',
    'config/regions.json',
    'true',
    '0x10',
  ),
  hostileText,
)
const option = fc.constantFrom(...new Set(options), '--help', '-h', '--version', '--no-such')
const word = fc.oneof(
  { weight: 4, arbitrary: option.map((name) => [name]) },
  { weight: 3, arbitrary: fc.tuple(option, value).map(([name, given]) => [name, given]) },
  { weight: 2, arbitrary: fc.tuple(option, value).map(([name, given]) => [`${name}=${given}`]) },
  value.map((given) => [given]),
)
export const words = fc
  .tuple(fc.constantFrom(...verbs), fc.array(word, { maxLength: 6 }))
  .map(([verb, rest]) => [...verb, ...rest.flat()])
