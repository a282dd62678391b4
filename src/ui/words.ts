// How events read as lines, for pipes, CI and the log above the spinners alike.
import type { Event, FieldChange } from '../base/events.js'
import { partsOf } from './difference.js'
import { count } from './layout.js'
import type { Paint } from './paint.js'
import { printable } from './printable.js'

/** `certificate/eu-west-1` -> `certificate`, `function/eu-west-1/getItem` -> `function getItem`. */
export function shortOf(address: string): string {
  const [kind, , name] = address.split('/')
  return name ? `${kind} ${name}` : (kind ?? address)
}

const whole = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')

/** One value, on one line, not longer than a line. */
function show(value: unknown): string {
  const text = whole(value)
  return text.length > 90 ? `${text.slice(0, 87)}...` : text
}

const MOST_PARTS = 6

/** What differs, a line for each part; with `--verbose` all of them, and whole. */
export function changeLines(change: FieldChange, verbose: boolean): string[] {
  const parts = partsOf(change)
  const lines = parts.slice(0, verbose ? parts.length : MOST_PARTS).map(({ field, from, to }) => {
    const say = verbose || show(from) === show(to) ? whole : show
    return `${field}: ${say(from)} -> ${say(to)}`
  })
  const left = parts.length - lines.length
  return left > 0 ? [...lines, `${change.field}: and ${left} more; --verbose shows all`] : lines
}

const MOVED = {
  create: 'creating',
  adopt: 'adopting',
  update: 'updating',
  replace: 'replacing',
  remove: 'removing',
} as const

const SKIPPED = {
  undone: 'is not done yet',
  standing: 'still stands',
  unseen: 'could not be looked at',
} as const

/** What it means to take something over, before it is done and after. */
export const adoptionText = (verb: 'Adopting' | 'Adopted', addresses: readonly string[]) =>
  `${verb} ${addresses.map(printable).join(', ')}: from then on down removes it, with all that is in it.`

/** The line for an event, or undefined for those that only `--verbose` shows. */
export function lineOf(event: Event, paint: Paint, verbose: boolean): string | undefined {
  switch (event.type) {
    case 'run.started':
      return paint.strong(
        `${event.verb} ${event.stack}: ${event.nodes} resources in ${event.regions.join(', ')}`,
      )
    case 'run.noted':
      return paint.warn(`note: ${event.text}`)
    case 'step.moved': {
      const fields =
        event.changes.length > 0 ? ` (${event.changes.map(({ field }) => field).join(', ')})` : ''
      return line(event.region, `${MOVED[event.move]} ${shortOf(event.address)}${fields}`)
    }
    case 'step.waiting':
      return verbose
        ? paint.dim(line(event.region, `${shortOf(event.address)} waits: ${event.reason}`))
        : undefined
    case 'step.ready':
      return verbose ? paint.dim(line(event.region, `${shortOf(event.address)} ready`)) : undefined
    case 'step.removed':
      return verbose ? paint.dim(line(event.region, `${shortOf(event.address)} gone`)) : undefined
    case 'step.failed':
      return paint.bad(line(event.region, `${shortOf(event.address)} failed: ${event.message}`))
    case 'step.skipped':
      return paint.warn(
        line(event.region, `${shortOf(event.address)} skipped, as ${event.because} ${SKIPPED[event.is]}`),
      )
    case 'aws.call': {
      const how = `${event.ms} ms${event.attempts > 1 ? `, ${event.attempts} attempts` : ''}`
      const end = event.error ? ` -> ${event.error}` : ''
      return verbose
        ? paint.dim(line(event.region, `${event.service}:${event.operation} (${how})${end}`))
        : undefined
    }
    case 'probe.answered': {
      const mark = event.ok ? paint.good('ok') : paint.bad('FAILED')
      return line(event.region, `${mark} ${event.what}: ${event.detail}`)
    }
    case 'region.drained':
      return line(event.region, `drained (--mode ${event.mode}); waiting for the checkers and DNS`)
    case 'region.restored':
      return line(event.region, 'restored; waiting for the checkers and DNS')
    default:
      return undefined
  }
}

const line = (region: string, text: string) => `${region.padEnd(14)} ${text}`

/** What does not answer, one line a region. */
export function silentText(
  silent: readonly { readonly address: string; readonly reason?: string | undefined }[],
): string[] {
  const regionOf = (one: { address: string }) => one.address.split('/')[1]!
  return [...new Set(silent.map(regionOf))].map((region) => {
    const all = silent.filter((one) => regionOf(one) === region)
    const { address, reason } = all[0]!
    return `  unknown  ${count(all.length, 'resource')} in ${region}, the first: ${address}: ${reason}`
  })
}
