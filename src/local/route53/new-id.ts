// Ids as Route 53 makes them. They come from the machine's randomness and not from the world's seeded one, which
// starts again at every restart and would give out the same ids twice.
import { randomInt } from 'node:crypto'

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** AWS: `Z` (zone) or `C` (change), then capitals and digits: 21 characters in all. */
export const newId = (prefix: 'Z' | 'C') =>
  prefix + Array.from({ length: 20 }, () => LETTERS[randomInt(LETTERS.length)]).join('')
