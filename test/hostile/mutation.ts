// Seeded damage to a state file: to its bytes, as disks and editors do it, and to what it says, sealed again or not, as
// somebody would who means it. What must come of it is said where it is used.
import { sealed } from '../../src/state/document.js'

export interface Mutation {
  readonly kind: string
  readonly bytes: Buffer
  /** The seal fits what it says now. */
  readonly isSealed: boolean
}

type Random = () => number
type State = Record<string, unknown> & { sha256?: string }

const upTo = (random: Random, end: number) => Math.floor(random() * end)
const oneOf = <T>(random: Random, list: readonly T[]): T => list[upTo(random, list.length)]!

/** A range of at most an eighth of the whole. */
function range(random: Random, { length }: Buffer): [from: number, to: number] {
  const from = upTo(random, length)
  return [from, Math.min(length, from + 1 + upTo(random, Math.max(1, length >> 3)))]
}

const BYTES: Readonly<Record<string, (bytes: Buffer, random: Random) => Buffer>> = {
  'bits flipped'(bytes, random) {
    const copy = Buffer.from(bytes)
    for (let count = 1 + upTo(random, 8); count > 0; count--) {
      const at = upTo(random, copy.length)
      copy[at] = copy[at]! ^ (1 << upTo(random, 8))
    }
    return copy
  },
  truncated: (bytes, random) => bytes.subarray(0, upTo(random, bytes.length)),
  'a range gone'(bytes, random) {
    const [from, to] = range(random, bytes)
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
  },
  'a range twice'(bytes, random) {
    const [from, to] = range(random, bytes)
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)])
  },
  'a range of zeros'(bytes, random) {
    const [from, to] = range(random, bytes)
    return Buffer.from(bytes).fill(0, from, to)
  },
  'a range of noise'(bytes, random) {
    const [from, to] = range(random, bytes)
    return Buffer.from(bytes.map((byte, at) => (at >= from && at < to ? upTo(random, 256) : byte)))
  },
  'two ranges swapped'(bytes, random) {
    const [from, to] = range(random, bytes)
    const moved = bytes.subarray(from, to)
    const rest = Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
    const at = upTo(random, rest.length + 1)
    return Buffer.concat([rest.subarray(0, at), moved, rest.subarray(at)])
  },
  'another document': (_bytes, random) =>
    Buffer.from(
      oneOf(random, [
        '',
        ' ',
        'null',
        '42',
        '"x"',
        '[]',
        '{}',
        'true',
        '\0',
        '{"format":"multiregion-state"}',
      ]),
    ),
  'a BOM': (bytes) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
  'UTF-16': (bytes, random) => {
    const text = Buffer.from(bytes.toString(), 'utf16le')
    return random() < 0.5 ? text : Buffer.concat([Buffer.from([0xff, 0xfe]), text])
  },
  'nested deeply': (_bytes, random) => {
    const levels = 10 ** (2 + upTo(random, 4))
    return Buffer.from(`${'[{"a":'.repeat(levels)}1${'}]'.repeat(levels)}`)
  },
  'text around it': (bytes, random) =>
    Buffer.concat([
      bytes,
      Buffer.from(oneOf(random, ['x', '{}', '\0', ',', '// a note', '\n<<<<<<< HEAD\n'])),
    ]),
  'line ends of Windows': (bytes) => Buffer.from(bytes.toString().replaceAll('\n', '\r\n')),
}

const VALUES: readonly unknown[] = [
  null,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  '',
  ' ',
  'x',
  '../../etc/passwd',
  '\u001b[2J\u0007',
  '__proto__',
  '\ud800',
  '{}',
  true,
  false,
  [],
  {},
  [null],
  { id: null },
  ['a', 1],
  'a'.repeat(10_000),
  { toString: 1 },
  'https://evil.example/#',
  '*',
]

/** Every place in a document: the holder of a value, and its key there. */
function placesOf(value: unknown): [holder: Record<string, unknown>, key: string][] {
  if (typeof value !== 'object' || value === null) return []
  const holder = value as Record<string, unknown>
  return Object.keys(holder).flatMap((key) => [
    [holder, key] as [typeof holder, string],
    ...placesOf(holder[key]),
  ])
}

const CONTENT: Readonly<Record<string, (state: State, random: Random) => void>> = {
  'another value'(state, random) {
    const [holder, key] = oneOf(random, placesOf(state))
    holder[key] = oneOf(random, VALUES)
  },
  'a value gone'(state, random) {
    const [holder, key] = oneOf(random, placesOf(state))
    delete holder[key]
  },
  'two values swapped'(state, random) {
    const places = placesOf(state)
    const [one, key] = oneOf(random, places)
    const [other, otherKey] = oneOf(random, places)
    const kept = structuredClone(one[key])
    one[key] = structuredClone(other[otherKey])
    other[otherKey] = kept
  },
  'a key more'(state, random) {
    const [holder] = oneOf(random, placesOf(state))
    holder[oneOf(random, ['x', 'constructor', 'toString', 'id', 'intent', 'superseded', ''])] = oneOf(
      random,
      VALUES,
    )
  },
  'an entry elsewhere'(state, random) {
    const entries = state.entries as Record<string, unknown>
    const from = oneOf(random, Object.keys(entries))
    const to = oneOf(random, [
      ...Object.keys(entries),
      ...[
        'table/ap-south-1',
        'table/evil.example.com',
        'nothing/eu-west-1',
        'role/eu-west-1',
        'x',
        'table/../..',
      ],
      'function/eu-west-1/constructor',
    ])
    entries[to] = structuredClone(entries[from])
    if (random() < 0.5) delete entries[from]
  },
  'an open intent'(state, random) {
    const entries = state.entries as Record<string, Record<string, unknown>>
    const entry = entries[oneOf(random, Object.keys(entries))]!
    const action = oneOf(random, ['create', 'update', 'remove', 'destroy'])
    entry.intent = {
      action,
      token: oneOf(random, ['t'.repeat(32), '', 'x y']),
      at: '2026-11-01T00:00:00.000Z',
    }
    if (random() < 0.5) delete entry.id
  },
  'something superseded'(state, random) {
    const entries = state.entries as Record<string, Record<string, unknown>>
    const addresses = Object.keys(entries)
    entries[oneOf(random, addresses)]!.superseded = [String(entries[oneOf(random, addresses)]!.id), 'x']
  },
  'another version'(state, random) {
    state.version = oneOf<unknown>(random, [0, 2, 99, -1, 1e300, '1', '2', null, [2], 1.5])
  },
  'nested deeply inside'(state, random) {
    let deep: unknown = 1
    for (let level = 10 ** (1 + upTo(random, 3)); level > 0; level--) deep = level % 2 ? [deep] : { deep }
    const [holder, key] = oneOf(random, placesOf(state))
    holder[key] = deep
  },
}

const BYTE_KINDS = Object.keys(BYTES)
const CONTENT_KINDS = Object.keys(CONTENT)

/** One mutation of a sealed state text; the same random gives the same. `sealedShare` is how many are sealed again. */
export function mutate(text: string, random: Random, sealedShare: number): Mutation {
  const isSealed = random() < sealedShare
  if (!isSealed && random() < 0.6) {
    const kind = oneOf(random, BYTE_KINDS)
    return { kind, bytes: BYTES[kind]!(Buffer.from(text), random), isSealed }
  }
  const state = JSON.parse(text) as State
  const { sha256 } = state
  if (isSealed) delete state.sha256
  const kind = oneOf(random, CONTENT_KINDS)
  for (let times = 1 + upTo(random, 3); times > 0; times--) if (isWhole(state)) CONTENT[kind]!(state, random)
  if (!isSealed) return { kind, bytes: Buffer.from(JSON.stringify({ ...state, sha256 }, null, 1)), isSealed }
  return { kind: `${kind}, sealed`, bytes: Buffer.from(sealed(state as never)), isSealed }
}

/** A second mutation may have nothing left to work on. */
const isWhole = ({ entries }: State) =>
  typeof entries === 'object' &&
  entries !== null &&
  Object.keys(entries).length > 0 &&
  Object.values(entries).every((entry) => typeof entry === 'object' && entry !== null)
