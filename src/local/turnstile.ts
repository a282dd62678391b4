// Changes of one resource that are made at the same time: AWS refuses the later one, each service in its own words.
// What a change is, and of what, is the service's own.
import { setTimeout } from 'node:timers/promises'
import type { AwsError } from './wire/errors.js'

/** Real time that a change takes, under every profile: two of them must be able to meet. */
const CHANGE_MS = 10

/** Makes a change of what `key` names. Throws the refusal while another one is under way. */
export type Turnstile = <T>(key: string, change: () => T) => Promise<T>

export function turnstile(refusal: () => AwsError): Turnstile {
  const changing = new Set<string>()
  return async (key, change) => {
    if (changing.has(key)) throw refusal()
    changing.add(key)
    try {
      await setTimeout(CHANGE_MS)
      return change()
    } finally {
      changing.delete(key)
    }
  }
}
