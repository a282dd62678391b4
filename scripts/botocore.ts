// Reads what AWS's service models say about inputs, from botocore, into the compact form that the local cloud keeps:
// constraints beyond the SDK's schemas, and the errors of each operation. `generate-constraints.ts` writes the files.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Constraint, ServiceConstraints } from '../src/local/wire/constraint.js'

/** The services of the local cloud, by their names in botocore, which are those of the credential scope. */
export const SERVICES = ['dynamodb', 'lambda', 'apigateway', 'route53', 'acm', 'iam', 'sts', 'logs'] as const

/** Where botocore is and which version it is. */
export interface Botocore {
  readonly data: string
  readonly version: string
}

interface Shape {
  readonly type: string
  readonly members?: Readonly<Record<string, { readonly shape: string }>>
  readonly member?: { readonly shape: string }
  readonly key?: { readonly shape: string }
  readonly value?: { readonly shape: string }
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly enum?: readonly string[]
  readonly sensitive?: boolean
}

interface Model {
  readonly operations: Readonly<
    Record<string, { input?: { shape: string }; errors?: readonly { shape: string }[] }>
  >
  readonly shapes: Readonly<Record<string, Shape & { error?: { code?: string } }>>
}

/** The botocore of a folder (`.../botocore`), or the one that python3 imports; undefined where there is none. */
export function findBotocore(folder?: string): Botocore | undefined {
  const program = 'import botocore,os;print(os.path.dirname(botocore.__file__))'
  const home = folder ?? spawnSync('python3', ['-c', program], { encoding: 'utf8' }).stdout?.trim()
  const init = home && path.join(home, '__init__.py')
  if (!init || !existsSync(init)) return undefined
  const version = /__version__ = '([^']+)'/.exec(readFileSync(init, 'utf8'))?.[1]
  return version ? { data: path.join(home, 'data'), version } : undefined
}

function readModel({ data }: Botocore, service: string): Model {
  const latest = readdirSync(path.join(data, service)).sort().at(-1)!
  const file = path.join(data, service, latest, 'service-2.json')
  const text = existsSync(file) ? readFileSync(file) : gunzipSync(readFileSync(`${file}.gz`))
  return JSON.parse(text.toString('utf8')) as Model
}

/** Every file that is generated, with its content, by its path in the project. */
export function generatedFiles(botocore: Botocore): Map<string, unknown> {
  const files = new Map<string, unknown>()
  const errors: Record<string, unknown> = {}
  for (const service of SERVICES) {
    const model = readModel(botocore, service)
    files.set(`src/local/wire/constraint/${service}.json`, constraintsOf(model, botocore.version))
    errors[service] = errorsOf(model)
  }
  files.set('test/local/wire/operation-errors.json', { botocore: botocore.version, ...errors })
  return files
}

/** The constraints of all inputs. Shapes that constrain nothing, themselves or below, are left out. */
function constraintsOf({ operations, shapes }: Model, version: string): ServiceConstraints {
  const telling = tellingShapes(shapes)
  const reached = new Map<string, Constraint>()
  const reach = (name: string) => {
    if (reached.has(name) || !telling.has(name)) return
    reached.set(name, constraintOf(shapes[name]!, telling))
    for (const child of childrenOf(shapes[name]!)) reach(child)
  }
  const inputs: Record<string, string> = {}
  for (const [operation, { input }] of Object.entries(operations)) {
    if (!input || !telling.has(input.shape)) continue
    inputs[operation] = input.shape
    reach(input.shape)
  }
  return { botocore: version, inputs: sorted(inputs), shapes: sorted(Object.fromEntries(reached)) }
}

/** Names of the shapes that constrain something, themselves or below; a fixed point, as shapes may be recursive. */
function tellingShapes(shapes: Model['shapes']): Set<string> {
  const telling = new Set<string>()
  const tells = (shape: Shape) =>
    Object.keys(ownOf(shape)).some((key) => key !== 'sensitive') ||
    childrenOf(shape).some((child) => telling.has(child))
  for (let before = -1; before < telling.size; ) {
    before = telling.size
    for (const [name, shape] of Object.entries(shapes)) if (tells(shape)) telling.add(name)
  }
  return telling
}

const childrenOf = ({ members = {}, member, key, value }: Shape) =>
  [...Object.values(members), member, key, value].flatMap((target) => target?.shape ?? [])

/** What the shape itself constrains. */
function ownOf({ type, min, max, pattern, enum: values, sensitive }: Shape): Constraint {
  // A least length of 0 says nothing; a least value of 0 does.
  const least = min === 0 && !NUMERIC.has(type) ? undefined : min
  return {
    ...(least !== undefined && { min: least }),
    ...(max !== undefined && { max }),
    ...(pattern !== undefined && { pattern }),
    ...(values && { enum: values }),
    ...(sensitive && { sensitive }),
  }
}

const NUMERIC = new Set(['integer', 'long', 'float', 'double'])

function constraintOf(shape: Shape, telling: ReadonlySet<string>): Constraint {
  const named = (target: { shape: string } | undefined) =>
    target && telling.has(target.shape) ? target.shape : undefined
  const members = Object.entries(shape.members ?? {})
    .map(([name, member]) => [name, named(member)] as const)
    .filter(([, target]) => target)
  return {
    ...ownOf(shape),
    ...(members.length && { members: Object.fromEntries(members) as Record<string, string> }),
    ...(named(shape.member) && { item: named(shape.member)! }),
    ...(named(shape.key) && { key: named(shape.key)! }),
    ...(named(shape.value) && { value: named(shape.value)! }),
  }
}

/** The codes that each operation's model names. */
function errorsOf({ operations, shapes }: Model): Record<string, string[]> {
  const codes = Object.entries(operations).map(([name, { errors = [] }]) => {
    return [name, errors.map(({ shape }) => shapes[shape]?.error?.code ?? shape).sort()] as const
  })
  return sorted(Object.fromEntries(codes))
}

const sorted = <T>(record: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
