// The verbs of faults: `local fault add`, `list`, `clear`. What a fault is and which make sense, the local cloud says; here
// words are read and printed. How status shows them, too, is `faultText`.
import { Command, InvalidArgumentError } from 'commander'
import { UsageError } from './base/errors.js'
import { dataDirOf, throughDoor } from './cli-cloud.js'
import type { FaultInput, FaultView } from './local/door.js'
import { printable } from './ui/printable.js'

interface FaultOptions {
  readonly config: string
  readonly json?: boolean
}

type ClearOptions = FaultOptions & { readonly all?: true }

type AddOptions = FaultOptions & {
  readonly plane?: FaultInput['plane']
  readonly region?: string
  readonly service?: string
  readonly operation?: string
  readonly from?: string
  readonly to?: string
  readonly count?: number
  readonly rate?: number
  readonly for?: number
  readonly after?: true
  readonly status?: number
  readonly latency?: number
  readonly jitter?: number
  readonly seconds?: number
  readonly how?: FaultInput['how']
}

const say = (text: string) => void process.stdout.write(`${printable(text)}\n`)
const json = (value: object) => say(JSON.stringify({ schemaVersion: 1, ...value }, null, 2))

/** `make` gives a verb the options that all verbs of `local` have; `act` runs it to its end. */
export function faultCommand(
  make: (name: string, summary: string) => Command,
  act: <O>(work: (options: O) => Promise<void>) => (options: O) => Promise<void>,
): Command {
  const fault = new Command('fault').description('break things on purpose, and mend them')
  const adding = make('add', 'break something')
    .argument('<kind>', KINDS)
    .option('--region <region>', 'only there')
    .option(
      '--service <name>',
      'only this one: dynamodb, lambda, route53, ..., execute-api for the APIs themselves',
    )
    .option('--operation <name>', 'only this one, such as PutItem')
    .option('--plane <plane>', 'only control or only data')
    .option('--from <region>', 'replication: only what was written there')
    .option('--to <region>', 'replication: only what goes there')
    .option('--count <n>', 'so many hits, then it is over', number)
    .option('--rate <share>', 'so many of the calls, 0.2 is one in five', number)
    .option('--for <time>', 'so long, in time of the cloud: 90s, 5m; then it is over', seconds)
    .option('--after', 'error: the effect stays, the answer is an error all the same')
    .option('--status <status>', 'error: 500 or 503', number)
    .option('--latency <time>', 'latency: so much later, in real time: 200ms, 2s', milliseconds)
    .option('--jitter <time>', 'latency: so much more or less', milliseconds)
    .option('--seconds <n>', 'replication-lag: so much later, in time of the cloud', number)
    .option('--how <how>', 'region-out, service-out: refuse connections, or let them hang')
    .addHelpText('after', EXAMPLES)
  adding.action((kind: string, options: AddOptions) => act((given: AddOptions) => add(kind, given))(options))
  const clearing = make('clear', 'mend one, by its number, or all')
    .argument('[id]', 'as list shows it')
    .option('--all', 'all of them')
  clearing.action((id: string | undefined, options: ClearOptions) =>
    act((given: ClearOptions) => clear(id, given))(options),
  )
  return fault
    .addCommand(adding)
    .addCommand(make('list', 'what is broken, and how often it was met').action(act(list)))
    .addCommand(clearing)
    .addHelpText('after', EXAMPLES)
}

const KINDS = `what to do to the calls that match:
  throttle            refuse, as the service does over its quota
  error               fail with a 500, before the effect
  lost                do it, and close the connection without an answer
  black-hole          take the call and never answer; nothing is done
  reset               reset the connection; nothing is done
  latency             answer later
  region-out          a whole region: APIs, functions, endpoints; replication waits
  service-out         a whole service, in one region or all
  replication-paused  what is written waits
  replication-lag     what is written arrives later
`

const EXAMPLES = `
Examples:
  $ multiregion local fault add region-out --region eu-west-1 --for 10m
  $ multiregion local fault add service-out --service dynamodb --region eu-west-1
  $ multiregion local fault add throttle --service route53 --rate 0.5
  $ multiregion local fault add error --after --operation CreateFunction --count 1
  $ multiregion local fault add latency --region us-east-1 --latency 200ms --jitter 100ms
  $ multiregion local fault add replication-lag --seconds 30
  $ multiregion local fault list
  $ multiregion local fault clear --all`

function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value))
    throw new InvalidArgumentError(`${text} is not a number.`)
  return value
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

function milliseconds(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  if (!amount || !unit) throw new InvalidArgumentError(`${text} is not a time such as 200ms, 90s or 5m.`)
  return Number(amount) * UNITS[unit]!
}

const seconds = (text: string) => milliseconds(text) / 1000

async function add(kind: string, options: AddOptions): Promise<void> {
  const { config, json: asJson, for: forSeconds, latency: latencyMs, jitter: jitterMs } = options
  const { plane, region, service, operation, from, to, count, rate, after, seconds: lag, how } = options
  const select = { plane, region, service, operation, from, to }
  const status = options.status as FaultInput['status']
  const rest = { count, rate, after, status, how, forSeconds, latencyMs, jitterMs, seconds: lag }
  const fault = { kind: kind as FaultInput['kind'], ...select, ...rest }
  const added = await throughDoor(({ addFault }) => addFault(dataDirOf(config), fault))
  if (asJson) json(added)
  else say(`${faultText(added)}\nMend it: multiregion local fault clear ${added.id}`)
}

async function list({ config, json: asJson }: FaultOptions): Promise<void> {
  const faults = await throughDoor(({ listFaults }) => listFaults(dataDirOf(config)))
  if (asJson) json({ faults })
  else if (!faults.length) say('There are no faults.')
  else for (const fault of faults) say(faultText(fault))
}

async function clear(id: string | undefined, { config, json: asJson, all }: ClearOptions) {
  if ((id === undefined) === (all === undefined))
    throw id === undefined
      ? new UsageError(
          'Which fault is not said.',
          'See their numbers with multiregion local fault list, then multiregion local fault clear NUMBER, or multiregion local fault clear --all',
        )
      : new UsageError(
          `Either the fault ${id} or --all.`,
          `multiregion local fault clear ${id}, or multiregion local fault clear --all`,
        )
  const { cleared } = await throughDoor(({ clearFaults }) => clearFaults(dataDirOf(config), id))
  if (asJson) json({ cleared })
  else say(cleared === 1 ? 'One fault is cleared.' : `${cleared} faults are cleared.`)
}

/** One line: number, what, where, how often, how long. */
export function faultText(fault: FaultView): string {
  const { id, kind, plane, region, service, operation, from, to, active, hits } = fault
  const where = [service && (operation ? `${service}:${operation}` : service), !service && operation, region]
  const way = from || to ? `${from ?? 'all'} to ${to ?? 'all'}` : undefined
  const parts = [...where, plane && `${plane} plane`, way, detailOf(fault)].filter(Boolean)
  const left = [
    fault.hitsLeft !== undefined && `${fault.hitsLeft} left`,
    fault.secondsLeft !== undefined && `${Math.ceil(fault.secondsLeft)} s left`,
  ].filter(Boolean)
  const isCounted = !kind.startsWith('replication')
  const state = [
    active ? undefined : 'over',
    isCounted && `${hits} hit${hits === 1 ? '' : 's'}`,
    ...(active ? left : []),
  ]
  return `${id.padEnd(4)}${kind.padEnd(20)}${parts.join(', ') || 'everything'}  (${state.filter(Boolean).join(', ') || 'on'})`
}

function detailOf({ kind, after, status, latencyMs, jitterMs, seconds, rate, how }: FaultView): string {
  const details = [
    kind === 'error' && `${status ?? 500}${after ? ' after the effect' : ''}`,
    latencyMs && `${latencyMs} ms${jitterMs ? ` ± ${jitterMs}` : ''}`,
    seconds && `${seconds} s`,
    how === 'hang' && 'hanging',
    rate && rate < 1 && `${Math.round(rate * 100)} % of the calls`,
  ]
  return details.filter(Boolean).join(', ')
}
