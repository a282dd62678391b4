// Reads JSON and remembers where everything stands, so that each complaint can name its line. Stricter than
// JSON.parse where a config must be: no key twice, no `__proto__`. What the values mean is `schema.ts`'s.

/** Where something stands in a file; both count from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** Keys and indices from the top of the document to a value. */
export type Path = readonly (string | number)[]

export interface JsonDocument {
  readonly value: unknown
  /** Where the value at that path begins (its key, in an object); of a path that is not there, where its parent does. */
  placeOf(path: Path): Place
}

const DEEPEST = 64
const STRING = /"(?:[^"\\\n]|\\.)*"/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const SPACE = /[ \t\n\r]*/y
const WORDS: ReadonlyMap<string, unknown> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])

/**
 * Parses a text. `fail` is called with what is wrong, as in `expected a value, found "}"`, and must throw.
 */
export function readJson(text: string, fail: (what: string, place: Place) => never): JsonDocument {
  const offsets = new Map<string, number>()
  let at = 0

  const stop = (what: string, offset = at): never => fail(what, placeAt(text, offset))
  const found = () =>
    at < text.length ? JSON.stringify(String.fromCodePoint(text.codePointAt(at)!)) : 'the end'
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at
    const piece = pattern.exec(text)?.[0]
    at += piece?.length ?? 0
    return piece
  }
  const takes = (sign: string) => {
    match(SPACE)
    if (text[at] !== sign) return false
    at += 1
    return true
  }

  function value(path: Path): unknown {
    match(SPACE)
    if (path.length > DEEPEST) stop('is nested too deeply')
    if (takes('{')) return object(path)
    if (takes('[')) return array(path)
    if (text[at] === '"') return string()
    const number = match(NUMBER)
    if (number !== undefined) return Number(number)
    for (const [word, meaning] of WORDS) {
      if (!text.startsWith(word, at)) continue
      at += word.length
      return meaning
    }
    return stop(text[at] === '/' ? 'JSON has no comments' : `expected a value, found ${found()}`)
  }

  function string(): string {
    const offset = at
    const piece = match(STRING)
    if (piece === undefined) return stop('this text has no end on its line')
    try {
      return JSON.parse(piece)
    } catch {
      return stop('this text has a sign that JSON writes with a \\, or a \\ that means nothing', offset)
    }
  }

  function object(path: Path): Record<string, unknown> {
    const members: Record<string, unknown> = {}
    if (takes('}')) return members
    do {
      match(SPACE)
      const offset = at
      if (text[at] !== '"') stop(`expected a key in double quotes, found ${found()}`)
      const key = string()
      if (key === '__proto__') stop('a key must not be "__proto__"', offset)
      if (Object.hasOwn(members, key))
        stop(`the key ${JSON.stringify(key)} stands here a second time`, offset)
      offsets.set(pathKey([...path, key]), offset)
      if (!takes(':')) stop(`expected : after the key, found ${found()}`)
      members[key] = value([...path, key])
    } while (takes(','))
    if (!takes('}')) stop(`expected , or } after the value, found ${found()}`)
    return members
  }

  function array(path: Path): unknown[] {
    const elements: unknown[] = []
    if (takes(']')) return elements
    do {
      match(SPACE)
      offsets.set(pathKey([...path, elements.length]), at)
      elements.push(value([...path, elements.length]))
    } while (takes(','))
    if (!takes(']')) stop(`expected , or ] after the value, found ${found()}`)
    return elements
  }

  const whole = value([])
  match(SPACE)
  if (at < text.length) stop(`expected the end, found ${found()}`)
  return {
    value: whole,
    placeOf(path) {
      for (let length = path.length; length > 0; length -= 1) {
        const offset = offsets.get(pathKey(path.slice(0, length)))
        if (offset !== undefined) return placeAt(text, offset)
      }
      return placeAt(text, 0)
    },
  }
}

const pathKey = (path: Path) => JSON.stringify(path)

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}
