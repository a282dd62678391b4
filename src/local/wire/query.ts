// Reads an AWS Query form (`Tags.member.1.Key=a`) into the shape of an operation's input: the one direction of that
// protocol for which the SDK ships no codec. Answers are XML and are written by `codec.ts`.
import { FromStringShapeDeserializer } from '@smithy/core/protocols'
import type { NormalizedSchema } from '@smithy/core/schema'
import { AwsError } from './errors.js'

/** A form as a tree: `a.b=1` is `{ a: { b: '1' } }`. No prototypes, so that any name is safe. */
interface FormNode {
  [name: string]: FormNode | string
}

const emptyNode = () => Object.create(null) as FormNode

const malformed = (name: string) =>
  new AwsError(
    'MalformedInput',
    `The parameter ${name} does not have the structure that the operation takes.`,
  )

function treeOf(form: URLSearchParams): FormNode {
  const root = emptyNode()
  for (const [name, value] of form) {
    const parts = name.split('.')
    const last = parts.pop() as string
    let node = root
    for (const part of parts) {
      node[part] ??= emptyNode()
      const next = node[part]
      if (typeof next === 'string') throw malformed(name)
      node = next
    }
    node[last] = value
  }
  return root
}

// AWS: times in Query parameters are ISO 8601.
const texts = new FromStringShapeDeserializer({ timestampFormat: { useTrait: true, default: 5 } })

/** The input of an operation from its form. Throws AwsError MalformedInput where the form has another structure. */
export function readForm(schema: NormalizedSchema, form: URLSearchParams): Record<string, unknown> {
  return (read(schema, treeOf(form), '') ?? {}) as Record<string, unknown>
}

function read(schema: NormalizedSchema, node: FormNode | string | undefined, path: string): unknown {
  if (node === undefined) return undefined
  if (schema.isListSchema()) return readList(schema, node, path)
  if (schema.isMapSchema()) return readMap(schema, node, path)
  if (schema.isStructSchema()) return readStructure(schema, node, path)
  if (typeof node !== 'string') throw malformed(path)
  return texts.read(schema, node)
}

function readStructure(schema: NormalizedSchema, node: FormNode | string, path: string) {
  if (typeof node === 'string') throw malformed(path)
  const structure: Record<string, unknown> = {}
  for (const [name, member] of schema.structIterator()) {
    const key = member.getMergedTraits().xmlName ?? name
    const value = read(member, node[key], path ? `${path}.${key}` : key)
    if (value !== undefined) structure[name] = value
  }
  return structure
}

function readList(schema: NormalizedSchema, node: FormNode | string, path: string) {
  // AWS: an empty list is sent as a parameter with no value.
  if (node === '') return []
  if (typeof node === 'string') throw malformed(path)
  const item = schema.getValueSchema()
  const items = schema.getMergedTraits().xmlFlattened
    ? node
    : node[item.getMergedTraits().xmlName ?? 'member']
  if (items === undefined || typeof items === 'string') throw malformed(path)
  return numbered(items, path).map(([index, child]) => read(item, child, `${path}.${index}`))
}

function readMap(schema: NormalizedSchema, node: FormNode | string, path: string) {
  if (typeof node === 'string') throw malformed(path)
  const entries = schema.getMergedTraits().xmlFlattened ? node : node.entry
  if (entries === undefined || typeof entries === 'string') throw malformed(path)
  const keyName = schema.getKeySchema().getMergedTraits().xmlName ?? 'key'
  const valueName = schema.getValueSchema().getMergedTraits().xmlName ?? 'value'
  return Object.fromEntries(
    numbered(entries, path).map(([index, entry]) => {
      const key = typeof entry === 'string' ? undefined : entry[keyName]
      if (typeof entry === 'string' || typeof key !== 'string') throw malformed(`${path}.${index}`)
      return [key, read(schema.getValueSchema(), entry[valueName], `${path}.${index}`)]
    }),
  )
}

/** The children 1, 2, ... in their order. */
function numbered(node: FormNode, path: string): [number, FormNode | string][] {
  return Object.entries(node)
    .map(([name, child]): [number, FormNode | string] => {
      if (!/^\d+$/.test(name)) throw malformed(`${path}.${name}`)
      return [Number(name), child]
    })
    .sort(([a], [b]) => a - b)
}
