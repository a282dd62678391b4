// Texts that came from outside, made fit for a terminal: names in a config, answers of a cloud, a function's log. Said
// with their escapes, control characters can neither move a cursor nor turn the direction of what is read.

/** Line breaks and tabs stay. */
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Cs}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

const escaped = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`

/** The same data, its texts and keys printable. JSON text stays JSON that means the same. */
export function printable<T>(value: T): T {
  if (typeof value === 'string') return value.replace(UNPRINTABLE, escaped) as T
  if (Array.isArray(value)) return value.map(printable) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [printable(key), printable(member)]),
  ) as T
}
