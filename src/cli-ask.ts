// The questions that a verb asks before it acts, and their answers. Which verbs ask is `cli-run.ts`'s.
import { createInterface } from 'node:readline/promises'
import { CancelledError } from './base/errors.js'
import type { Common } from './cli-run.js'
import { paintFor } from './ui/paint.js'
import { printable } from './ui/printable.js'
import type { Progress } from './ui/progress.js'
import { changesText, costText } from './ui/report.js'
import { LEFT_OUT, UNSEEN } from './ui/state-report.js'
import { silentText } from './ui/words.js'

type Confirm = Parameters<typeof import('./commands/up.js').up>[2]['confirm']

export function confirmUp(options: Common, progress: Progress): Confirm {
  return async (plan, removals, cost) => {
    if (options.yes) return true
    const paint = paintFor(process.stderr, options.color)
    const changes = [
      ...plan.changes,
      ...removals.map((address) => ({ address, action: 'remove' as const, fields: [] })),
    ]
    const text = [
      ...changesText(changes, paint, options.verbose),
      '',
      ...costText(cost.total, cost.items, cost.besides),
    ]
    return ask(progress, `${text.join('\n')}\nGo on?`)
  }
}

export function confirmDown(options: Common, progress: Progress) {
  return async (tables: readonly string[], resources: number): Promise<boolean> => {
    if (options.yes) return true
    const items =
      tables.length > 0 ? `, and with these tables all their items: ${printable(tables.join(', '))}` : ''
    return ask(progress, `This removes ${resources} resources${items}. Go on?`)
  }
}

type ConfirmRebuild = Parameters<typeof import('./commands/rebuild.js').rebuild>[1]['confirm']

export function confirmRebuild(options: Common, progress: Progress): ConfirmRebuild {
  return async ({ found, leftOut, unseen }) => {
    if (options.yes) return true
    const what =
      found.length > 0
        ? `This stands, and would be this project's again:\n${listed(found)}`
        : 'Nothing of this stack stands; the damaged state would be set aside for an empty one.'
    const others = leftOut.length > 0 ? `\n${LEFT_OUT}\n${listed(leftOut)}` : ''
    const silent = unseen.length > 0 ? `\n${UNSEEN}\n${silentText(unseen).map(printable).join('\n')}` : ''
    return ask(progress, `${what}${others}${silent}\nGo on?`)
  }
}

const listed = (all: readonly { address: string; id: string }[]) =>
  printable(all.map(({ address, id }) => `  ${address.padEnd(44)} ${id}`).join('\n'))

async function ask(progress: Progress, question: string): Promise<boolean> {
  progress.pause()
  try {
    return await askYes(question)
  } finally {
    progress.resume()
  }
}

/** At the terminal. Throws CancelledError for Ctrl-C and Ctrl-D. */
export async function askYes(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim())
  } catch {
    throw new CancelledError(
      'Interrupted at the question; nothing was changed.',
      'Run the same command again.',
    )
  } finally {
    terminal.close()
  }
}
