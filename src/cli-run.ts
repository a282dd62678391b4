// What every verb shares around its command: options, progress, the target, Ctrl-C, questions, and how it ends. Loads
// the heavy parts (SDK, zod, the local cloud) only when a verb needs them.
import { setMaxListeners } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { CommanderError } from 'commander'
import { CancelledError, EXIT, type Exit, MultiregionError, UsageError } from './base/errors.js'
import { ensureLocal, noteLostCloud } from './cli-cloud.js'
import { isWell, type Result } from './commands/result.js'
import type { Session } from './commands/session.js'
import type { Tally } from './commands/tally.js'
import type { LocalCloud, Target } from './commands/target.js'
import type { Config } from './config/schema.js'
import { paintFor } from './ui/paint.js'
import { fitsSpinner, type Progress, plainProgress, spinnerProgress } from './ui/progress.js'
import { changesText, costText, errorJson, errorText, report } from './ui/report.js'

/** Options of every verb, and those of single ones. */
export interface Common {
  readonly config: string
  readonly local?: boolean
  readonly yes?: boolean
  readonly json?: boolean
  readonly verbose?: boolean
  readonly color: boolean
  readonly proof?: boolean
  readonly detailedExitcode?: boolean
  readonly fail?: boolean
  readonly region?: string
  readonly forceLast?: boolean
  readonly keepData?: boolean
  readonly nonce?: string
  readonly lineage?: string
}

export interface Ending {
  readonly exit: Exit
}

export type Verb = 'up' | 'plan' | 'status' | 'failover' | 'failback' | 'down' | 'show' | 'rebuild' | 'unlock'

const WRITES: ReadonlySet<Verb> = new Set(['up', 'failover', 'failback', 'down', 'rebuild'])
/** These put up the functions' code, or compare with it. */
const CODE: ReadonlySet<Verb> = new Set(['up', 'plan', 'rebuild'])
/** `up` costs money, `down` loses data, `state rebuild` takes over what it finds: these ask. */
const ASKS: ReadonlySet<Verb> = new Set(['up', 'down', 'rebuild'])

/** As it is typed. */
const wordsOf = (verb: Verb) => (verb === 'rebuild' ? 'state rebuild' : verb)

/** Runs one verb to its end and prints its result. Throws MultiregionError. */
export async function runVerb(verb: Verb, options: Common): Promise<Ending> {
  if (ASKS.has(verb) && !options.yes && !process.stdin.isTTY)
    throw new UsageError(
      `multiregion ${wordsOf(verb)} asks before it acts, and here is no terminal to answer`,
      `Say yes beforehand: multiregion ${wordsOf(verb)} --yes`,
    )
  const { loadConfig } = await import('./config/load.js')
  const config = await loadConfig(options.config)
  if (verb === 'unlock' || verb === 'show') {
    const { stateShow, stateUnlock } = await import('./commands/state.js')
    const local = options.local === true
    const result =
      verb === 'show' ? await stateShow(config, local) : await stateUnlock(config, local, options.nonce!)
    return finish(verb, result, options)
  }
  if (options.region !== undefined)
    (await import('./commands/switch.js')).refuseUnknown(config, options.region)
  const bundles = CODE.has(verb) ? await (await import('./commands/code.js')).bundleCode(config) : {}
  const progress = await progressFor(options)
  try {
    return await withSession(verb, options, config, bundles, progress)
  } finally {
    progress.pause()
  }
}

async function withSession(
  verb: Verb,
  options: Common,
  config: Config,
  bundles: Session['bundles'],
  progress: Progress,
): Promise<Ending> {
  const { openSession } = await import('./commands/session.js')
  const { tally: newTally } = await import('./commands/tally.js')
  const tally = newTally(progress.emit)
  const { target, caFile } = await openTarget(options, config, tally)
  const interrupt = onInterrupt(progress)
  const session = await openSession({
    config,
    target,
    bundles,
    calls: tally.calls,
    emit: tally.emit,
    signal: interrupt.signal,
    anew: verb === 'rebuild',
    ...(WRITES.has(verb) ? { lockAs: `multiregion ${wordsOf(verb)}${options.local ? ' --local' : ''}` } : {}),
  })
  try {
    const result = await command(verb, options, session, tally, progress)
    progress.pause()
    if (!result) return declined()
    return finish(
      verb,
      result,
      options,
      target.local && caFile ? { edgeUrl: target.local.edgeUrl, caFile } : undefined,
    )
  } finally {
    await session.close()
    interrupt.stop()
  }
}

async function command(
  verb: Verb,
  options: Common,
  session: Session,
  tally: Tally,
  progress: Progress,
): Promise<Result | undefined> {
  switch (verb) {
    case 'up': {
      const { up } = await import('./commands/up.js')
      return up(session, tally, { proof: options.proof !== false, confirm: confirmUp(options, progress) })
    }
    case 'plan':
      return (await import('./commands/plan.js')).plan(session)
    case 'status':
      return (await import('./commands/status.js')).status(session)
    case 'failover':
    case 'failback': {
      const switching = await import('./commands/switch.js')
      const { region = '', forceLast } = options
      return switching[verb](session, tally, { region, forceLast })
    }
    case 'down': {
      const { down } = await import('./commands/down.js')
      return down(session, tally, {
        keepData: options.keepData === true,
        confirm: confirmDown(options, progress),
      })
    }
    case 'rebuild': {
      const { rebuild } = await import('./commands/rebuild.js')
      return rebuild(session, { lineage: options.lineage, confirm: confirmRebuild(options, progress) })
    }
    case 'show':
    case 'unlock':
      throw new Error(`${verb} needs no session`)
  }
}

async function openTarget(
  options: Common,
  config: Config,
  { emit }: Tally,
): Promise<{ target: Target; caFile?: string }> {
  const { awsTarget, localTarget } = await import('./commands/target.js')
  if (!options.local) return { target: awsTarget(config, emit) }
  const running = await ensureLocal(config)
  const cloud: LocalCloud = running
  const target = localTarget(config, cloud, emit)
  noteLostCloud(running, target.stateFile, emit)
  return { target, caFile: running.caFile }
}

async function progressFor({ json, verbose, color }: Common): Promise<Progress> {
  const options = { paint: paintFor(process.stderr, color), verbose: verbose === true }
  const terminal = fitsSpinner(process.stderr) && !process.env.CI && !json
  return terminal ? spinnerProgress(options) : plainProgress(options)
}

/** Ctrl-C, a polite kill, a terminal that is closed. */
const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The first Ctrl-C lets calls under way finish and saves, ten seconds at most; the second ends at once. */
function onInterrupt(progress: Progress): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController()
  // Every node that waits listens.
  setMaxListeners(0, controller.signal)
  const leave = () => process.exit(EXIT.interrupted)
  const interrupted = () => {
    if (controller.signal.aborted) leave()
    progress.emit({
      type: 'run.noted',
      text: 'interrupted; finishing what is under way (once more to leave at once)',
    })
    controller.abort(
      new CancelledError(
        'Interrupted; everything up to here is saved.',
        'Run the same command again to go on from here.',
      ),
    )
    setTimeout(leave, 10_000).unref()
  }
  for (const name of ENDINGS) process.on(name, interrupted)
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of ENDINGS) process.off(name, interrupted)
    },
  }
}

type Confirm = Parameters<typeof import('./commands/up.js').up>[2]['confirm']

function confirmUp(options: Common, progress: Progress): Confirm {
  return async (plan, removals, cost) => {
    if (options.yes) return true
    const paint = paintFor(process.stderr, options.color)
    const changes = [
      ...plan.changes,
      ...removals.map((address) => ({ address, action: 'remove' as const, fields: [] })),
    ]
    const text = [...changesText(changes, paint), '', ...costText(cost.total, cost.items, cost.besides)]
    return ask(progress, `${text.join('\n')}\nGo on?`)
  }
}

function confirmDown(options: Common, progress: Progress) {
  return async (tables: readonly string[], resources: number): Promise<boolean> => {
    if (options.yes) return true
    const items = tables.length > 0 ? `, and with these tables all their items: ${tables.join(', ')}` : ''
    return ask(progress, `This removes ${resources} resources${items}. Go on?`)
  }
}

function confirmRebuild(options: Common, progress: Progress) {
  return async (found: readonly { address: string; id: string }[]): Promise<boolean> => {
    if (options.yes) return true
    const lines = found.map(({ address, id }) => `  ${address.padEnd(44)} ${id}`)
    return ask(progress, `This stands, and would be this project's again:\n${lines.join('\n')}\nGo on?`)
  }
}

async function ask(progress: Progress, question: string): Promise<boolean> {
  progress.pause()
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim())
  } catch {
    // Ctrl-C or Ctrl-D at the question.
    throw new CancelledError(
      'Interrupted at the question; nothing was changed.',
      'Run the same command again.',
    )
  } finally {
    terminal.close()
    progress.resume()
  }
}

function declined(): Ending {
  process.stderr.write('Nothing was changed.\n')
  return { exit: EXIT.done }
}

function finish(
  verb: Verb,
  result: Result,
  options: Common,
  local?: { edgeUrl: string; caFile: string },
): Ending {
  const paint = paintFor(process.stdout, options.color)
  const program = process.env.npm_command === 'exec' ? 'npx multiregion' : 'multiregion'
  process.stdout.write(
    options.json
      ? `${JSON.stringify(result, null, 2)}\n`
      : report(result, { paint, program, ...(local ? { local } : {}) }),
  )
  if (verb === 'plan' && options.detailedExitcode && result.verb === 'plan' && result.changes.length > 0)
    return { exit: EXIT.changes }
  if (verb === 'status' && options.fail && result.verb === 'status' && !isWell(result))
    return { exit: EXIT.unhealthy }
  return { exit: EXIT.done }
}

/** The one place that prints an error; returns the exit code. Anything that is not ours is a bug and says so. */
export function complain(thrown: unknown, argv: readonly string[]): Exit {
  const error =
    thrown instanceof CommanderError ? new UsageError(thrown.message.replace(/^error: /, '')) : thrown
  if (!(error instanceof MultiregionError)) {
    const stack = error instanceof Error ? error.stack : String(error)
    process.stderr.write(
      `This is a bug in multiregion, please report it with the command that you ran:\n${stack}\n`,
    )
    return EXIT.error
  }
  const color = !argv.includes('--no-color')
  process.stderr.write(
    errorText(
      error,
      paintFor(process.stderr, color),
      argv.some((word) => word === '--verbose' || word === '-v'),
    ),
  )
  if (argv.includes('--json')) process.stdout.write(`${JSON.stringify(errorJson(error, 1), null, 2)}\n`)
  return error.exit
}
