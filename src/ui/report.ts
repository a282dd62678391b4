// Results on stdout, for a person. The JSON of `--json` is the result itself.
import type { MultiregionError } from '../base/errors.js'
import type {
  DownResult,
  PlanResult,
  Proof,
  RebuildResult,
  Result,
  ShowResult,
  StatusResult,
  SwitchResult,
  TakeoverResult,
  UpResult,
} from '../commands/result.js'
import type { Paint } from './paint.js'
import { printable } from './printable.js'
import { adoptionText, changeLine } from './words.js'

export interface ReportOptions {
  readonly paint: Paint
  /** True on the local cloud. */
  readonly local: boolean
  /** The local cloud's, where the verb has talked to it. */
  readonly edge?: { readonly edgeUrl: string; readonly caFile: string }
  /** How this program was called, as `npx multiregion`. */
  readonly program: string
}

/** The whole text, with a final newline. */
export function report(raw: Result, options: ReportOptions): string {
  const result = printable(raw)
  switch (result.verb) {
    case 'up':
      return upText(result, options)
    case 'plan':
      return planText(result, options)
    case 'down':
      return downText(result, options)
    case 'status':
      return statusText(result, options)
    case 'failover':
    case 'failback':
      return switchText(result, options)
    // To be piped into `aws iam create-policy`, so nothing else is said.
    case 'policy':
      return `${result.text}\n`
    case 'state show':
      return showText(result, options)
    case 'state rebuild':
      return rebuildText(result, options)
    case 'state takeover':
      return takeoverText(result, options)
    case 'state unlock':
      return `The lock of ${result.stack} is free.\n`
  }
}

const lines = (...all: (string | undefined)[]) => `${all.filter((line) => line !== undefined).join('\n')}\n`

function upText(result: UpResult, options: ReportOptions): string {
  const { paint, local } = options
  const { created, adopted, updated, removed, calls, seconds } = result
  const takenOver = adopted.length > 0 ? `${adopted.length} adopted, ` : ''
  const done = result.changed
    ? `${created.length} made, ${takenOver}${updated.length} changed, ${removed.length} removed`
    : 'nothing to change'
  const where = local ? ` on the local cloud` : ''
  return lines(
    paint.good(
      `${result.stack} is up${where}: ${done}; ${calls.total} calls (${calls.mutating} mutating), ${Math.round(seconds)} s${local ? ' of cloud time' : ''}.`,
    ),
    adopted.length > 0 ? adoptionText('Adopted', adopted) : undefined,
    drainedText(result.drained, options),
    result.proof ? `Proved: ${proofText(result.proof)}.` : 'Not proved (--no-proof).',
    `About $${result.monthlyCost.toFixed(2)} a month before traffic${local ? ', if this were AWS' : ''}.`,
    '',
    'next:',
    ...nextCommands(result, options).map((command) => `  ${command}`),
  )
}

const drainedText = (drained: readonly string[], options: ReportOptions) =>
  drained.length > 0
    ? `Out of traffic since a failover: ${drained.join(', ')}. To undo it: ${command(`failback --region ${drained[0]}`, options)}`
    : undefined

const command = (words: string, { program, local }: ReportOptions) =>
  `${program} ${words}${local ? ' --local' : ''}`

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`

const proofText = ({ checks }: Proof) => `${checks.filter(({ ok }) => ok).length} of ${checks.length} checks`

function nextCommands(result: UpResult, options: ReportOptions): string[] {
  const { edge } = options
  const [home = '', other = home] = result.regions
  const ask = result.examples.map((example, index) =>
    edge
      ? curl(example, edge.edgeUrl, `-H 'x-client-location: ${index === 0 ? home : other}' `)
      : curl(example, result.url),
  )
  return [
    ...ask,
    ...['status', `failover --region ${home}`, `failback --region ${home}`, 'down'].map((words) =>
      command(words, options),
    ),
  ]
}

function curl({ method, path, body }: UpResult['examples'][number], url: string, header = ''): string {
  const usual = body === undefined ? 'GET' : 'POST'
  const data = body === undefined ? '' : `-d '${JSON.stringify(body)}' `
  return `curl ${method === usual ? '' : `-X ${method} `}${header}${data}${url}${path}`
}

const SYMBOL = { create: '+', adopt: '←', update: '~', replace: '±', remove: '-' } as const

/** Used by `plan` and by the question of `up`. */
export function changesText(changes: PlanResult['changes'], paint: Paint): string[] {
  const adopted = changes.filter(({ action }) => action === 'adopt').map(({ address }) => address)
  return [...linesOf(changes, paint), ...(adopted.length > 0 ? [adoptionText('Adopting', adopted)] : [])]
}

function linesOf(changes: PlanResult['changes'], paint: Paint): string[] {
  return printable(changes).flatMap(({ address, action, fields, after }) => [
    after
      ? paint.dim(`? perhaps ${address}, known after ${after}`)
      : `${SYMBOL[action]} ${action.padEnd(7)} ${address}`,
    ...fields.map((field) => paint.dim(`            ${changeLine(field)}`)),
  ])
}

export const costText = (total: number, items: PlanResult['costItems'], besides: string): string[] => [
  `About $${total.toFixed(2)} a month before traffic:`,
  ...items.map(({ what, usd }) => `  $${usd.toFixed(2).padStart(6)}  ${what}`),
  `  ${besides}.`,
]

function planText(result: PlanResult, options: ReportOptions): string {
  const { changes } = result
  const { paint } = options
  const sure = changes.filter(({ after }) => after === undefined).length
  const head =
    changes.length > 0
      ? `${count(sure, 'change')}${sure < changes.length ? `, and ${changes.length - sure} that may follow` : ''}:`
      : 'Nothing to change: what is there is what the config asks for.'
  return lines(
    paint.strong(head),
    ...changesText(changes, paint),
    drainedText(result.drained, options),
    '',
    ...costText(result.monthlyCost, result.costItems, result.costBesides),
  )
}

function downText(
  { stack, removed, kept, calls, seconds }: DownResult,
  { paint, local }: ReportOptions,
): string {
  if (removed.length === 0 && kept.length === 0)
    return `Nothing of ${stack} is recorded in this project's state, so there is nothing that down may remove. What stands under its names anyway is shown by status.\n`
  return lines(
    paint.good(
      `${stack} is down: ${removed.length} removed; ${calls.total} calls (${calls.mutating} mutating), ${Math.round(seconds)} s${local ? ' of cloud time' : ''}.`,
    ),
    kept.length > 0 ? `Kept: ${kept.join(', ')}. The next up takes them on again.` : undefined,
  )
}

function statusText(result: StatusResult, options: ReportOptions): string {
  const { paint } = options
  const regions = Object.entries(result.regions).map(([region, { serving, health, certificateUntil }]) => {
    const mark = serving ? paint.good('serving    ') : paint.bad('NOT serving')
    const verdict = health.status === 'healthy' ? health.status : paint.warn(health.status)
    const until = certificateUntil ? `; certificate until ${certificateUntil.slice(0, 10)}` : ''
    return `  ${region.padEnd(14)} ${mark} ${verdict} (${health.reason}${until})`
  })
  const answers = Object.entries(result.dns.answers).map(
    ([location, region]) => `  near ${location.padEnd(14)} -> ${region ?? paint.bad('no answer')}`,
  )
  const ready = result.resources.filter(({ state }) => state === 'ready').length
  return lines(
    paint.strong(`${result.stack} at ${result.url}`),
    ...regions,
    'Clients get',
    ...answers,
    ...(result.recorded
      ? [`Resources: ${ready} of ${result.resources.length} ready`, ...oddText(result.resources)]
      : [
          paint.warn('There is no state of this stack here, so only what its public name gives is told.'),
          `If it was lost: ${command('state rebuild', options)}; if the stack was never up: ${command('up', options)}`,
        ]),
  )
}

type Resource = StatusResult['resources'][number]

/** What is not as it should be, one line each; what does not answer, one line a region. */
function oddText(resources: readonly Resource[]): string[] {
  const regionOf = (one: Resource) => one.address.split('/')[1]!
  const silent = resources.filter(({ state }) => state === 'unknown')
  const unknown = [...new Set(silent.map(regionOf))].map((region) => {
    const all = silent.filter((one) => regionOf(one) === region)
    const { address, reason } = all[0]!
    return `  unknown  ${count(all.length, 'resource')} in ${region}, the first: ${address}: ${reason}`
  })
  const others = resources.filter(({ state, reason }) => state !== 'unknown' && (state !== 'ready' || reason))
  return [
    ...unknown,
    ...others.map(
      ({ address, state, reason }) => `  ${state.padEnd(8)} ${address}${reason ? `: ${reason}` : ''}`,
    ),
  ]
}

function switchText(result: SwitchResult, options: ReportOptions): string {
  const { paint, local } = options
  const { detected, dns, total } = result.seconds
  const verb = result.verb === 'failover' ? 'is out of traffic' : 'has its traffic back'
  const already = result.changed ? '' : ', as it was before'
  return lines(
    paint.good(
      `${result.region} ${verb}${already}: its checkers saw it after ${detected} s, DNS followed ${dns} s later, ${total} s in all${local ? ' (cloud time)' : ''}.`,
    ),
    ...Object.entries(result.servedBy).map(
      ([location, region]) => `  near ${location.padEnd(14)} -> ${region}`,
    ),
    `Proved: ${result.proof.checks.map(({ what, detail }) => `${what}, ${detail}`).join('; ')}.`,
    result.verb === 'failover'
      ? `next: ${command(`failback --region ${result.region}`, options)}`
      : undefined,
  )
}

function showText({ stack, file, state }: ShowResult, { paint, local }: ReportOptions): string {
  const elsewhere = local ? '' : ' What stands on the local cloud is shown with --local.'
  if (!state)
    return `${stack} has no state: ${file} is not there. Nothing was made from this project, or it was removed.${elsewhere}\n`
  const { lineage, serial, account, home, regions, drained, entries } = state
  return lines(
    paint.strong(`${stack}: ${file}`),
    `  lineage ${lineage}, serial ${serial}, account ${account}, home ${home}, regions ${regions.join(', ')}`,
    ...Object.entries(drained).map(([region, { since }]) => `  ${region} is drained since ${since}`),
    ...Object.entries(entries).map(([address, { id, intent, superseded }]) => {
      const open = intent ? `  (open: ${intent.action} since ${intent.at})` : ''
      const old = superseded ? `  (to be swept: ${superseded.join(', ')})` : ''
      return `  ${address.padEnd(44)} ${id ?? '-'}${open}${old}`
    }),
  )
}

function rebuildText({ stack, found, drained, file, aside }: RebuildResult, options: ReportOptions): string {
  const { paint } = options
  return lines(
    found.length > 0
      ? paint.good(`${stack} has its state again: ${count(found.length, 'resource')}, in ${file}.`)
      : paint.good(`Nothing of ${stack} stands, so its state begins anew, in ${file}.`),
    drained.length > 0 ? `Drained by failover: ${drained.join(', ')}.` : undefined,
    aside ? `The former file is ${aside}.` : undefined,
    `next: ${command('plan', options)}`,
  )
}

function takeoverText({ stack, from, to, changed, forced }: TakeoverResult, options: ReportOptions): string {
  if (!changed) return `${to} is the home of the shared state of ${stack} already.\n`
  return lines(
    options.paint.good(`${to} is the home of the shared state of ${stack} now; it was ${from}.`),
    forced
      ? `${from} did not answer: what a run there may still write is looked for in the cloud by the next one here.`
      : undefined,
    `next: ${command('plan', options)}`,
  )
}

/** On stderr. `verbose` adds what the error knows. */
export function errorText(error: MultiregionError, paint: Paint, verbose: boolean): string {
  const { requestId } = error.data as { requestId?: string }
  const data =
    verbose && Object.keys(error.data).length > 0
      ? paint.dim(printable(JSON.stringify(error.data)))
      : undefined
  const request = !verbose && requestId ? paint.dim(`(request id ${printable(requestId)})`) : undefined
  return lines(
    `${paint.bad('error:')} ${printable(error.message)}`,
    request,
    data,
    `${paint.strong('next:')} ${printable(error.hint)}`,
  )
}

/** On stdout, with `--json`. */
export const errorJson = (error: MultiregionError, schemaVersion: number) => ({
  schemaVersion,
  error: {
    code: error.code,
    message: error.message,
    hint: error.hint,
    ...(typeof error.data.address === 'string' ? { address: error.data.address } : {}),
    data: error.data,
  },
})
