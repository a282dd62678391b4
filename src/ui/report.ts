// Results on stdout, for a person. The JSON of `--json` is the result itself.
import type {
  DownResult,
  PlanResult,
  Proof,
  Result,
  StatusResult,
  SwitchResult,
  UpResult,
} from '../commands/result.js'
import { command, count, lines, localized, type ReportOptions } from './layout.js'
import type { Paint } from './paint.js'
import { printable } from './printable.js'
import { rebuildText, showText, takeoverText } from './state-report.js'
import { adoptionText, changeLines, silentText } from './words.js'

/** The whole text, with a final newline. */
export function report(raw: Result, options: ReportOptions): string {
  const text = textOf(printable(raw), options)
  return options.local ? localized(text) : text
}

function textOf(result: Result, options: ReportOptions): string {
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
export function changesText(changes: PlanResult['changes'], paint: Paint, verbose = false): string[] {
  const adopted = changes.filter(({ action }) => action === 'adopt').map(({ address }) => address)
  return [
    ...linesOf(changes, paint, verbose),
    ...(adopted.length > 0 ? [adoptionText('Adopting', adopted)] : []),
  ]
}

function linesOf(changes: PlanResult['changes'], paint: Paint, verbose: boolean): string[] {
  return printable(changes).flatMap(({ address, action, fields, after }) => [
    after
      ? paint.dim(`? perhaps ${address}, known after ${after}`)
      : `${SYMBOL[action]} ${action.padEnd(7)} ${address}`,
    ...fields.flatMap((field) => changeLines(field, verbose)).map((text) => paint.dim(`            ${text}`)),
  ])
}

export const costText = (total: number, items: PlanResult['costItems'], besides: string): string[] => [
  `About $${total.toFixed(2)} a month before traffic:`,
  ...items.map(({ what, usd }) => `  $${usd.toFixed(2).padStart(6)}  ${what}`),
  `  ${besides}.`,
]

function planText(result: PlanResult, options: ReportOptions): string {
  const { changes, unseen, homeOut } = result
  const { paint } = options
  const sure = changes.filter(({ after }) => after === undefined).length
  const head =
    changes.length > 0
      ? `${count(sure, 'change')}${sure < changes.length ? `, and ${changes.length - sure} that may follow` : ''}:`
      : unseen.length > 0
        ? 'Nothing to change in what can be seen.'
        : 'Nothing to change: what is there is what the config asks for.'
  return lines(
    paint.strong(head),
    ...changesText(changes, paint, options.verbose),
    drainedText(result.drained, options),
    ...silentText(unseen).map((text) => paint.warn(text)),
    unseen.length > 0
      ? 'What up would change of these is not known: wait until they answer, then plan again.'
      : undefined,
    homeOut
      ? `${homeOut.home}, the home of the shared state, does not answer, and up needs it: wait, or ${command(`state takeover --to ${homeOut.to}`, options)}`
      : undefined,
    '',
    ...costText(result.monthlyCost, result.costItems, result.costBesides),
  )
}

function downText(
  { stack, removed, kept, calls, seconds }: DownResult,
  { paint, local }: ReportOptions,
): string {
  if (removed.length === 0 && kept.length === 0)
    return `Nothing of ${stack} is recorded in this project's state, and nothing was found that carries its owner marks, so there is nothing for down to remove. What else stands under its names, plan tells.\n`
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
    if (!result.recorded) return `  ${region.padEnd(14)} ${paint.warn('unknown')} (${health.reason})`
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
      ? (onlyTablesText(result.resources, options) ?? [
          `Resources: ${ready} of ${result.resources.length} ready`,
          ...oddText(result.resources),
          result.configChanged
            ? `The config is another one than the last up worked with; ${command('plan', options)} shows what up would do.`
            : undefined,
        ])
      : [
          result.gone ? paint.warn(result.gone) : undefined,
          paint.warn('There is no state of this stack here, so only what its public name gives is told.'),
          `If it was lost: ${command('state rebuild', options)}; if the stack was never up: ${command('up', options)}`,
        ]),
  )
}

type Resource = StatusResult['resources'][number]

const isOfTable = ({ address }: Resource) => /^(table|replica|table-protection)\//.test(address)

/** What `down --keep-data` leaves, or an `up` that has come no further. */
function onlyTablesText(resources: readonly Resource[], options: ReportOptions): string[] | undefined {
  const standing = resources.filter(({ state }) => state !== 'absent')
  if (standing.length === 0 || !standing.every(isOfTable)) return undefined
  return [
    `Only its tables stand: ${standing.map(({ address }) => address).join(', ')}. The rest was removed, or not made yet: ${command('up', options)}`,
    ...oddText(standing),
  ]
}

/** What is not as it should be, one line each. */
function oddText(resources: readonly Resource[]): string[] {
  const others = resources.filter(({ state, reason }) => state !== 'unknown' && (state !== 'ready' || reason))
  return [
    ...silentText(resources.filter(({ state }) => state === 'unknown')),
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
  const how =
    detected === null
      ? `DNS has followed after ${total} s; what the checkers see Route 53 did not tell`
      : `its checkers saw it after ${detected} s, DNS followed ${dns} s later, ${total} s in all`
  return lines(
    paint.good(`${result.region} ${verb}${already}: ${how}${local ? ' (cloud time)' : ''}.`),
    ...Object.entries(result.servedBy).map(
      ([location, region]) => `  near ${location.padEnd(14)} -> ${region}`,
    ),
    `Proved: ${result.proof.checks.map(({ what, detail }) => `${what}, ${detail}`).join('; ')}.`,
    result.verb === 'failover'
      ? `next: ${command(`failback --region ${result.region}`, options)}`
      : undefined,
  )
}
