// Collects what is wrong with a traffic policy document, each fault with the id of the endpoint or rule it is at.
// AWS: the message reads `<id>: <sentence>.;<id>: <sentence>.`.

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export class Faults {
  readonly list: string[] = []
  #id = ''

  /** Notes a fault at the current id. Returns undefined, so that a reader can return it. */
  add(sentence: string): undefined {
    this.list.push(this.#id ? `${this.#id}: ${sentence}.` : `${sentence}.`)
    return undefined
  }

  /** What `read` returns; faults that it adds are noted at that id. */
  of<T>(id: string, read: () => T): T {
    const before = this.#id
    this.#id = id
    try {
      return read()
    } finally {
      this.#id = before
    }
  }

  unknownMembers(given: JsonObject, known: readonly string[]): void {
    for (const member of Object.keys(given)) {
      if (!known.includes(member)) this.add(`${member} is not a valid member`)
    }
  }
}
