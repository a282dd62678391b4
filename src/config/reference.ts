// The config's documentation, made from its schema: the JSON Schema for editors and `docs/config.md` for people.
// Writes no file; `scripts/generate.ts` does, and a test sees that the written ones are not stale.
import { z } from 'zod'
import { REGIONS } from './region.js'
import { configSchema } from './schema.js'

/** The parts of a JSON Schema that this file reads. */
interface Node {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly items?: Node
  readonly properties?: Readonly<Record<string, Node>>
  readonly additionalProperties?: Node | boolean
  readonly required?: readonly string[]
}

interface Row {
  readonly path: string
  readonly type: string
  readonly fallback: string
  readonly description: string
}

/** The JSON Schema (draft 7, which editors know best) of a config file as it is written, so defaults may be left out. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const title = 'multiregion: config/regions.json'
  return { title, ...z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' }) }
}

/** `docs/config.md`. */
export function configReference(): string {
  const rows = rowsOf(configJsonSchema() as Node, '')
  const lines = rows.map(
    ({ path, type, fallback, description }) => `| \`${path}\` | ${type} | ${fallback} | ${description} |`,
  )
  return `${HEAD}\n${lines.join('\n')}\n${FOOT}`
}

const HEAD = `# The config: \`config/regions.json\`

Plain JSON. \`--config FILE\` names another file; its project root is the folder above the file's own folder.
A key that is not in this table is refused. Every problem of a file is reported at once, with its line, and the command exits with 64.
This page and \`config/regions.schema.json\` are made from \`src/config/schema.ts\` by \`npm run generate\`.

| field | type | default | meaning |
|---|---|---|---|`

const FOOT = `
## Rules between fields

- Two functions cannot have the same route, and at one place of the paths all functions name the parameter alike
  (\`/item/{itemId}\` beside \`/item/{id}\` is refused by API Gateway). \`OPTIONS\` belongs to CORS; \`/ping\` and \`/sping\` belong to API Gateway.
- \`<name>-<stage>-<key>-<region>\` is the name of a role: at most 64 characters for every function and region, and
  keys differ in more than their case.
- \`healthCheck.function\` has a GET route without parameters. \`proof.write\` and \`proof.read\` are routes of functions.
- The variables of a function, with those that are set anyway, fit into 4096 bytes. Names that Lambda reserves are refused.
- The handler's file must exist. It is bundled for Lambda as an ES module and must export \`handler\`.

## Regions

Those of the AWS partition that Route 53 answers by latency for: ${REGIONS.join(', ')}.
`

function rowsOf(node: Node, path: string): Row[] {
  const required = new Set(node.required)
  return Object.entries(node.properties ?? {}).flatMap(([name, field]) => {
    const here = path ? `${path}.${name}` : name
    return [rowOf(field, here, required.has(name)), ...rowsBelow(field, here)]
  })
}

function rowsBelow(node: Node, path: string): Row[] {
  const member = node.additionalProperties
  if (typeof member !== 'object' || member.type !== 'object') return rowsOf(node, path)
  return [rowOf(member, `${path}.<key>`, false), ...rowsOf(member, `${path}.<key>`)]
}

function rowOf(node: Node, path: string, required: boolean): Row {
  const fallback =
    node.type === 'object' || node.default === undefined ? '' : `\`${JSON.stringify(node.default)}\``
  const description = (node.description ?? '').replaceAll('|', '\\|')
  return { path, type: typeOf(node), fallback: required ? '**required**' : fallback, description }
}

function typeOf(node: Node): string {
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``
  if (node.enum?.length === REGIONS.length) return 'a region'
  if (node.enum) return node.enum.map((one) => `\`${JSON.stringify(one)}\``).join(', ')
  if (node.items)
    return `list${node.minItems ? `, at least ${node.minItems}` : ''}, of: ${typeOf(node.items)}`
  if (node.type === 'integer') return `whole number, ${node.minimum} to ${node.maximum}`
  if (node.type === 'object' && typeof node.additionalProperties === 'object') {
    return node.additionalProperties.type === 'object'
      ? 'object by key'
      : `object of ${typeOf(node.additionalProperties)}s`
  }
  return node.type ?? ''
}
