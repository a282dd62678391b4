// Keys of items: which attributes they are, and a text by which two equal keys are equal, however they were written.
// DynamoDB's numbers 1, 1.0 and 10e-1 are one key.
import type { TableSchema, WireItem } from './shape.js'

const keyNames = (schema: TableSchema) => schema.KeySchema.map((element) => element.AttributeName)

/**
 * The key of an item (or of a request's `Key`). Undefined where an attribute is missing or has not its defined type:
 * such a request is refused by the engine.
 */
export function keyOf(schema: TableSchema, item: WireItem | undefined): WireItem | undefined {
  const key: Record<string, WireItem[string]> = {}
  for (const name of keyNames(schema)) {
    const type = schema.AttributeDefinitions.find((one) => one.AttributeName === name)?.AttributeType
    const value = item?.[name]
    if (!type || typeof value?.[type] !== 'string') return undefined
    key[name] = { [type]: value[type] }
  }
  return key
}

/** A text that is the same for equal keys, and for no others. */
export function keyText(schema: TableSchema, key: WireItem): string {
  const parts = keyNames(schema).map((name) => {
    const [[type, value]] = Object.entries(key[name] ?? {}) as [[string, string]]
    return `${type}:${type === 'N' ? canonicalNumber(value) : value}`
  })
  return JSON.stringify(parts)
}

/** The digits without leading and trailing zeros, and the exponent of the last one: `-12e3`. */
function canonicalNumber(text: string): string {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text.trim())
  if (!match) return text
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (!significant) return '0'
  const power = Number(exponent) - fraction.length + (digits.length - significant.length)
  return `${sign === '-' ? '-' : ''}${significant}e${power}`
}
