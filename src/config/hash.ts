// One short word for all that a config says: two configs that mean the same have the same, on whatever machine.
import { createHash } from 'node:crypto'
import path from 'node:path'
import type { Config } from './schema.js'

/** SHA-256 in hex. Where the project stands does not count, nor the order of keys and of functions. Pure. */
export function configHashOf({ file: _file, root, functions, ...rest }: Config): string {
  const told = {
    ...rest,
    functions: Object.fromEntries(
      functions.map(({ key, handlerFile, ...one }) => [
        key,
        { ...one, handlerFile: path.relative(root, handlerFile) },
      ]),
    ),
  }
  return createHash('sha256').update(JSON.stringify(told, sorted)).digest('hex')
}

const sorted = (_key: string, value: unknown) =>
  value === null || typeof value !== 'object' || Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
