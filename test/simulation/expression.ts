// Conditions and updates of items as the house writes them, and no more of the language: comparisons for equality,
// `attribute_not_exists`, AND, OR, parentheses; SET and REMOVE of whole attributes. `items.ts` keeps the items.
import type { WireItem } from '../../src/local/dynamodb/shape.js'

type Values = WireItem | undefined

const TOKEN = /attribute_not_exists\(\w+\)|\w+ = :\w+|AND|OR|[()]/g

/** Throws Error for what it cannot read. */
export function holds(expression: string, item: WireItem, values: Values): boolean {
  const tokens = expression.match(TOKEN) ?? []
  const read = tokens.join('').replace(/ /g, '')
  if (read !== expression.replace(/ /g, '')) throw new Error(`the simulation cannot read ${expression}`)
  const either = (): boolean => {
    let result = both()
    while (tokens[0] === 'OR') {
      tokens.shift()
      const other = both()
      result = result || other
    }
    return result
  }
  const both = (): boolean => {
    let result = one()
    while (tokens[0] === 'AND') {
      tokens.shift()
      const other = one()
      result = result && other
    }
    return result
  }
  const one = (): boolean => {
    const token = tokens.shift() ?? ''
    if (token === '(') {
      const result = either()
      tokens.shift()
      return result
    }
    const absent = /^attribute_not_exists\((\w+)\)$/.exec(token)?.[1]
    if (absent) return item[absent] === undefined
    const [name = '', value = ''] = token.split(' = ')
    return item[name] !== undefined && same(item[name], given(value, values))
  }
  return either()
}

/** The item after a `SET a = :a, b = :b REMOVE c, d`. */
export function updated(expression: string, item: WireItem, values: Values): WireItem {
  const [, sets = '', removes = ''] = /^(?:SET (.*?))?(?: ?REMOVE (.*))?$/.exec(expression) ?? []
  const after: Record<string, WireItem[string]> = { ...item }
  for (const name of listed(removes)) delete after[name]
  for (const set of listed(sets)) {
    const [name = '', value = ''] = set.split(' = ')
    after[name] = given(value, values)
  }
  return after
}

const listed = (text: string) => text.split(', ').filter(Boolean)

function given(name: string, values: Values): WireItem[string] {
  const value = values?.[name]
  if (!value) throw new Error(`the simulation has no value ${name}`)
  return value
}

const same = (one: WireItem[string], other: WireItem[string]) => JSON.stringify(one) === JSON.stringify(other)
