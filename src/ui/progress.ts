// Progress on stderr: a line per event in a pipe or CI, and on a terminal one spinner that shows what each region does
// right now under the lines of what was done. Passive: it subscribes and never holds up a run.
import type { Emit, Event } from '../base/events.js'
import type { Paint } from './paint.js'
import { printable } from './printable.js'
import { lineOf, shortOf } from './words.js'

export interface Progress {
  readonly emit: Emit
  /** Stops the spinner, for a question or the end. */
  pause(): void
  resume(): void
}

export interface ProgressOptions {
  readonly paint: Paint
  readonly verbose: boolean
}

/** A wait that lasts this long, in cloud seconds, is worth a line even where only moves are told. */
const LONG_WAIT_SECONDS = 30

/** For pipes, CI and `--json`. The same wait is told once. */
export function plainProgress({ paint, verbose }: ProgressOptions): Progress {
  const told = new Map<string, string>()
  return {
    emit: (raw) => {
      const event = printable(raw)
      if (event.type === 'step.waiting') {
        const long = event.waitedSeconds >= LONG_WAIT_SECONDS
        if (told.get(event.address) === event.reason || !(verbose || long)) return
        told.set(event.address, event.reason)
      }
      const line = lineOf(event, paint, verbose || event.type === 'step.waiting')
      if (line !== undefined) process.stderr.write(`${line}\n`)
    },
    pause: () => undefined,
    resume: () => undefined,
  }
}

/** A spinner counts the lines it must clear by the terminal's width, which some pseudo-terminals say is 0. */
export const fitsSpinner = ({ isTTY, columns = 0 }: { isTTY?: boolean; columns?: number }) =>
  isTTY === true && columns >= 40

/** For terminals that `fitsSpinner` finds fit. `ora` is only loaded here. */
export async function spinnerProgress({ paint, verbose }: ProgressOptions): Promise<Progress> {
  const { default: ora } = await import('ora')
  const spinner = ora({ stream: process.stderr, discardStdin: false })
  const regions = new Regions()
  return {
    emit: (raw) => {
      const event = printable(raw)
      regions.note(event)
      const line = lineOf(event, paint, verbose)
      // ora makes room for what others write while it spins.
      if (line !== undefined) process.stderr.write(`${line}\n`)
      if (regions.busy()) {
        spinner.text = regions.text(paint)
        if (!spinner.isSpinning) spinner.start()
      } else if (spinner.isSpinning) spinner.stop()
    },
    pause: () => {
      spinner.stop()
    },
    resume: () => {
      if (regions.busy()) spinner.start()
    },
  }
}

/** What every region is busy with, from the events. */
class Regions {
  #running = new Map<string, Map<string, string>>()

  note(event: Event): void {
    if (event.type === 'run.started') for (const region of event.regions) this.#of(region)
    if (event.type === 'run.finished') this.#running.clear()
    if (!('address' in event)) return
    const steps = this.#of(event.region)
    if (['step.ready', 'step.removed', 'step.failed', 'step.skipped'].includes(event.type))
      steps.delete(event.address)
    else if (event.type === 'step.waiting')
      steps.set(
        event.address,
        `${shortOf(event.address)}: ${event.reason} (${Math.round(event.waitedSeconds)} s)`,
      )
    else if (event.type === 'step.moved' || event.type === 'step.started')
      steps.set(event.address, shortOf(event.address))
  }

  busy(): boolean {
    return [...this.#running.values()].some((steps) => steps.size > 0)
  }

  text(paint: Paint): string {
    const width = process.stderr.columns - 6
    return [...this.#running]
      .filter(([, steps]) => steps.size > 0)
      .map(([region, steps]) => {
        const now = [...steps.values()]
        const more = now.length > 1 ? ` (+${now.length - 1})` : ''
        const text = `${region.padEnd(14)} ${now.at(-1)}${more}`
        return text.length > width ? `${text.slice(0, width - 1)}…` : text
      })
      .map((text, index) => (index === 0 ? text : `  ${paint.dim(text)}`))
      .join('\n')
  }

  #of(region: string): Map<string, string> {
    const steps = this.#running.get(region) ?? new Map<string, string>()
    this.#running.set(region, steps)
    return steps
  }
}
