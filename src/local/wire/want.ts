// Small words for the `authorize` of each service: a want, and the condition keys that tags in a request give it,
// whatever form the service has for tags. What is wanted is the services' own.
import type { Want } from '../ports.js'

type Keys = NonNullable<Want['context']>

/** A want, with those of the keys that are there. */
export function wantOf(action: string, resource: string, context: Keys = {}): Want {
  return Object.keys(context).length ? { action, resource, context } : { action, resource }
}

type Tags =
  | readonly { readonly Key?: unknown; readonly Value?: unknown }[]
  | Readonly<Record<string, unknown>>

/** `aws:RequestTag/<key>` of each tag, and `aws:TagKeys`; nothing where there are no tags. */
export function tagKeys(tags: unknown): Keys {
  const pairs = pairsOf((tags ?? {}) as Tags)
  if (!pairs.length) return {}
  return {
    ...Object.fromEntries(pairs.map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    'aws:TagKeys': pairs.map(([key]) => key),
  }
}

/** The same for a call that takes tags away by their keys. */
export const keysOrTags = (keys: unknown, tags: unknown): Keys =>
  Array.isArray(keys) ? { 'aws:TagKeys': keys.map(String) } : tagKeys(tags)

export const hasTags = (tags: unknown) => pairsOf((tags ?? {}) as Tags).length > 0

function pairsOf(tags: Tags): [string, string][] {
  if (typeof tags !== 'object') return []
  const pairs = Array.isArray(tags) ? tags.map((tag) => [tag?.Key, tag?.Value]) : Object.entries(tags)
  return pairs.map(([key, value]) => [String(key), String(value ?? '')])
}
