// Reads a fault from what an operator wrote, and refuses with a hint what makes no sense. What the members mean says
// `rule.ts`; nothing is kept here.
import { LocalFailure } from '../failure.js'
import { isRegion } from '../wire/region.js'
import { planeOf } from './plane.js'
import { EXECUTE_API, FAULT_KINDS, type FaultInput, type FaultKind, TAKES } from './rule.js'

const MOST_HITS = 1_000_000_000
const LONGEST_LATENCY_MS = 600_000
const LONGEST_SECONDS = 366 * 86_400

/** The operations that can be named, by service. */
export type Served = Readonly<Record<string, readonly string[]>>

/** Throws LocalFailure. */
export function readFault(input: unknown, served: Served): FaultInput {
  if (typeof input !== 'object' || input === null) throw refused('A fault is a JSON object.')
  const entries = Object.entries(input).filter(([, value]) => value !== undefined)
  const fault = Object.fromEntries(entries) as unknown as FaultInput
  if (!FAULT_KINDS.includes(fault.kind))
    throw refused(`${fault.kind} is no kind of fault.`, `There are ${FAULT_KINDS.join(', ')}.`)
  refuseMembers(fault)
  refuseNumbers(fault)
  refuseWords(fault)
  refuseRegions(fault)
  refuseCalls(fault, { ...served, [EXECUTE_API]: ['Invoke'] })
  return fault
}

const OPTIONS: Readonly<Record<string, string>> = {
  forSeconds: 'for',
  latencyMs: 'latency',
  jitterMs: 'jitter',
}
const option = (name: string) => `--${OPTIONS[name] ?? name}`

const EXAMPLES: Partial<Record<FaultKind, string>> = {
  latency: 'latency --region eu-west-1 --latency 200ms',
  'region-out': 'region-out --region eu-west-1',
  'service-out': 'service-out --service dynamodb --region eu-west-1',
  'replication-lag': 'replication-lag --seconds 30',
}

function refuseMembers({ kind, ...settings }: FaultInput): void {
  const takes: readonly string[] = TAKES[kind]
  const names = [...takes.map((name) => name.replace('!', '')), 'forSeconds']
  for (const name of Object.keys(settings))
    if (!names.includes(name))
      throw refused(`${kind} takes no ${option(name)}.`, `It takes ${names.map(option).join(', ')}.`)
  for (const name of takes.filter((each) => each.endsWith('!')).map((each) => each.slice(0, -1)))
    if (!Object.hasOwn(settings, name))
      throw refused(`${kind} needs ${option(name)}.`, example(EXAMPLES[kind] ?? kind))
}

const example = (words: string) => `For example: multiregion local fault add ${words}`

function refuseNumbers({ count, rate, status, ...rest }: FaultInput): void {
  if (count !== undefined && !(Number.isInteger(count) && count > 0 && count <= MOST_HITS))
    throw refused(`--count ${count} is not a number of calls.`, 'For example: --count 3')
  if (rate !== undefined && !(typeof rate === 'number' && rate > 0 && rate <= 1))
    throw refused(`--rate ${rate} is not a share of the calls.`, 'For one call in five: --rate 0.2')
  if (status !== undefined && status !== 500 && status !== 503)
    throw refused(`--status ${status} is not 500 or 503.`, 'Leave it out for 500.')
  refuseDuration('forSeconds', rest.forSeconds, LONGEST_SECONDS)
  refuseDuration('seconds', rest.seconds, LONGEST_SECONDS)
  refuseDuration('latencyMs', rest.latencyMs, LONGEST_LATENCY_MS)
  refuseDuration('jitterMs', rest.jitterMs, LONGEST_LATENCY_MS)
}

function refuseDuration(name: string, value: number | undefined, most: number): void {
  if (value === undefined || (typeof value === 'number' && value > 0 && value <= most)) return
  const why = typeof value !== 'number' ? 'no duration' : value > most ? 'too long' : 'too short'
  throw refused(`${option(name)} ${value} is ${why}.`, 'For example 200ms, 90s or 5m.')
}

function refuseWords({ plane, how, after }: FaultInput): void {
  if (plane !== undefined && plane !== 'control' && plane !== 'data')
    throw refused(`--plane ${plane} is not control or data.`, 'Leave it out for both.')
  if (how !== undefined && how !== 'refuse' && how !== 'hang')
    throw refused(`--how ${how} is not refuse or hang.`, 'Leave it out for refuse.')
  if (after !== undefined && typeof after !== 'boolean') throw refused('--after takes no value.')
}

function refuseRegions({ region, from, to }: FaultInput): void {
  for (const [name, value] of Object.entries({ region, from, to }))
    if (value !== undefined && !isRegion(value))
      throw refused(`--${name} ${value} is no region of AWS.`, 'For example: eu-west-1')
  if (from !== undefined && from === to)
    throw refused(`Nothing is replicated from ${from} to itself.`, 'Name two regions, or one, or none.')
}

function refuseCalls({ service, operation, plane }: FaultInput, served: Served): void {
  if (service !== undefined && !Object.hasOwn(served, service))
    throw refused(`--service ${service} is not served here.`, `There are ${Object.keys(served).join(', ')}.`)
  const services = service === undefined ? Object.keys(served) : [service]
  if (plane && !services.some((name) => served[name]!.some((each) => planeOf(name, each) === plane)))
    throw refused(`${service} has no ${plane} plane.`, 'Leave --plane out.')
  if (operation === undefined) return
  const owners = services.filter((name) => served[name]!.includes(operation))
  if (!owners.length) {
    const alike = services.flatMap((name) => served[name]!).find((name) => isAlike(name, operation))
    const hint = alike ? `Did you mean ${alike}?` : 'The table in docs/local-cloud.md names them all.'
    throw refused(
      `--operation ${operation}: ${service ? `${service} serves` : 'the services here serve'} no such operation.`,
      hint,
    )
  }
  if (plane && !owners.some((name) => planeOf(name, operation) === plane))
    throw refused(`${operation} is not on the ${plane} plane.`, 'Leave --plane out: the operation says it.')
}

/** `get-item` and `getitem` are GetItem. */
const isAlike = (name: string, given: string) =>
  name.toLowerCase() === String(given).toLowerCase().replaceAll(/[-_]/g, '')

const refused = (message: string, hint = 'See multiregion local fault add --help.') =>
  new LocalFailure('fault-refused', message, hint)
