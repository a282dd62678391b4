// What every verb shares around its command: options, progress, the target, Ctrl-C, questions, and how it ends. Loads
// the heavy parts (SDK, zod, the local cloud) only when a verb needs them.
import { EXIT, type Exit, MultiregionError, UsageError } from './base/errors.js'
import { confirmDown, confirmRebuild, confirmUp } from './cli-ask.js'
import { ensureLocal, noteLostCloud } from './cli-cloud.js'
import { type Interrupt, onInterrupt, unlessInterrupted } from './cli-interrupt.js'
import { refuseUnknown } from './commands/region.js'
import { isWell, type Result } from './commands/result.js'
import type { Session } from './commands/session.js'
import type { Tally } from './commands/tally.js'
import type { Target } from './commands/target.js'
import type { Config } from './config/schema.js'
import { errorJson, errorText } from './ui/error-report.js'
import { paintFor } from './ui/paint.js'
import { printable } from './ui/printable.js'
import { fitsSpinner, type Progress, plainProgress, spinnerProgress } from './ui/progress.js'
import { report } from './ui/report.js'

/** Options of every verb, and those of single ones. */
export interface Common {
  readonly config: string
  readonly local?: boolean
  readonly yes?: boolean
  readonly json?: boolean
  readonly verbose?: boolean
  readonly color: boolean
  readonly proof?: boolean
  readonly adopt?: readonly string[]
  readonly detailedExitcode?: boolean
  readonly fail?: boolean
  readonly region?: string
  readonly forceLast?: boolean
  readonly keepData?: boolean
  readonly nonce?: string
  readonly lineage?: string
  readonly to?: string
  readonly force?: boolean
}

export interface Ending {
  readonly exit: Exit
}

/** They look after the state and open no session. */
const STATE_VERBS = ['show', 'unlock', 'takeover'] as const
type StateVerb = (typeof STATE_VERBS)[number]
type SessionVerb = 'up' | 'plan' | 'status' | 'failover' | 'failback' | 'down' | 'rebuild'
export type Verb = SessionVerb | StateVerb
const isStateVerb = (verb: Verb): verb is StateVerb => STATE_VERBS.some((one) => one === verb)

const WRITES: ReadonlySet<Verb> = new Set(['up', 'failover', 'failback', 'down', 'rebuild'])
/** These put up the functions' code, or compare with it. */
const CODE: ReadonlySet<Verb> = new Set(['up', 'plan', 'rebuild'])
/** `up` costs money, `down` loses data, `state rebuild` takes over what it finds: these ask. */
const ASKS: ReadonlySet<Verb> = new Set(['up', 'down', 'rebuild'])

const wordsOf = (verb: Verb) => (verb === 'rebuild' ? 'state rebuild' : verb)

/** As a lock says it to who is refused. */
const asTyped = (words: string, { local }: Common) => `multiregion ${words}${local ? ' --local' : ''}`

/** Runs one verb to its end and prints its result. Throws MultiregionError. */
export async function runVerb(verb: Verb, options: Common): Promise<Ending> {
  if (ASKS.has(verb) && !options.yes && !process.stdin.isTTY)
    throw new UsageError(
      `multiregion ${wordsOf(verb)} asks before it acts, and here is no terminal to answer`,
      `Say yes beforehand: multiregion ${wordsOf(verb)} --yes`,
    )
  const { loadConfig } = await import('./config/load.js')
  const config = await loadConfig(options.config)
  if (isStateVerb(verb)) return finish(verb, await stateVerb(verb, options, config), options)
  if (options.region !== undefined)
    refuseUnknown(config, '--region', options.region, `failover --region ${config.home}`)
  if (options.adopt) (await import('./commands/adopt.js')).refuseUnadoptable(config, options.adopt)
  const progress = await progressFor(options)
  const interrupt = onInterrupt(progress)
  try {
    const bundles = CODE.has(verb) ? await unlessInterrupted(bundled(config), interrupt) : {}
    return await withSession(verb, options, config, bundles, progress, interrupt)
  } finally {
    interrupt.stop()
    progress.pause()
  }
}

const bundled = async (config: Config) => (await import('./commands/code.js')).bundleCode(config)

async function stateVerb(verb: StateVerb, options: Common, config: Config): Promise<Result> {
  const state = await import('./commands/state.js')
  const local = options.local === true
  if (verb !== 'takeover' && !(await state.isShared(config, local)))
    return verb === 'show' ? state.stateShow(config, local) : state.stateUnlock(config, local, options.nonce!)
  const { tally: newTally } = await import('./commands/tally.js')
  const progress = await progressFor(options)
  const { emit } = progress
  try {
    const { target } = await openTarget(options, config, newTally(emit))
    if (verb === 'show') return await state.sharedShow(config, target, emit)
    if (verb === 'unlock') return await state.sharedUnlock(config, target, options.nonce!)
    const { takeover } = await import('./commands/takeover.js')
    const { to = '', force = false } = options
    const command = asTyped('state takeover', options)
    return await takeover(config, target, { to, force, command, emit })
  } finally {
    progress.pause()
  }
}

async function withSession(
  verb: SessionVerb,
  options: Common,
  config: Config,
  bundles: Session['bundles'],
  progress: Progress,
  interrupt: Interrupt,
): Promise<Ending> {
  const { openSession } = await import('./commands/session.js')
  const { tally: newTally } = await import('./commands/tally.js')
  const tally = newTally(progress.emit)
  const { target, caFile } = await openTarget(options, config, tally)
  const run = async () => {
    interrupt.signal.throwIfAborted()
    const session = await openSession({
      config,
      target,
      bundles,
      calls: tally.calls,
      emit: tally.emit,
      signal: interrupt.signal,
      anew: verb === 'rebuild',
      detachable: verb === 'failover' || verb === 'failback',
      ...(WRITES.has(verb) ? { lockAs: asTyped(wordsOf(verb), options) } : {}),
    })
    try {
      const result = await command(verb, options, session, tally, progress)
      progress.pause()
      if (!result) return declined()
      const edge = target.local && caFile ? { edgeUrl: target.local.edgeUrl, caFile } : undefined
      return finish(verb, result, options, edge)
    } finally {
      await session.close()
    }
  }
  return Promise.race([run(), interrupt.overdue])
}

async function command(
  verb: SessionVerb,
  options: Common,
  session: Session,
  tally: Tally,
  progress: Progress,
): Promise<Result | undefined> {
  switch (verb) {
    case 'up': {
      const { up } = await import('./commands/up.js')
      const { proof, adopt } = options
      return up(session, tally, { proof: proof !== false, adopt, confirm: confirmUp(options, progress) })
    }
    case 'plan':
      return (await import('./commands/plan.js')).plan(session, options.adopt)
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
      const confirm = confirmRebuild(options, progress)
      return rebuild(session, { lineage: options.lineage, confirm })
    }
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
  const target = localTarget(config, running, emit)
  noteLostCloud(running, target.stateFile, emit)
  return { target, caFile: running.caFile }
}

async function progressFor({ json, verbose, color }: Common): Promise<Progress> {
  const options = { paint: paintFor(process.stderr, color), verbose: verbose === true }
  const terminal = fitsSpinner(process.stderr) && !process.env.CI && !json
  return terminal ? spinnerProgress(options) : plainProgress(options)
}

const calledAs = () => (process.env.npm_command === 'exec' ? 'npx multiregion' : 'multiregion')

function declined(): Ending {
  process.stderr.write('Nothing was changed.\n')
  return { exit: EXIT.done }
}

function finish(
  verb: Verb,
  result: Result,
  options: Common,
  edge?: { edgeUrl: string; caFile: string },
): Ending {
  const paint = paintFor(process.stdout, options.color)
  const program = calledAs()
  process.stdout.write(
    options.json
      ? `${printable(JSON.stringify(result, null, 2))}\n`
      : report(result, {
          ...{ paint, program, local: options.local === true, verbose: options.verbose === true },
          ...(edge && { edge }),
        }),
  )
  if (options.detailedExitcode && result.verb === 'plan') {
    if (result.changes.length > 0) return { exit: EXIT.changes }
    // Not the answer that there is nothing to do.
    if (result.unseen.length > 0) return { exit: EXIT.error }
  }
  if (verb === 'status' && options.fail && result.verb === 'status' && !isWell(result))
    return { exit: EXIT.unhealthy }
  return { exit: EXIT.done }
}

/** The one place that prints an error; returns the exit code. Anything that is not ours is a bug and says so. */
export function complain(error: unknown, argv: readonly string[]): Exit {
  if (!(error instanceof MultiregionError)) {
    const stack = error instanceof Error ? error.stack : String(error)
    process.stderr.write(
      `This is a bug in multiregion, please report it with the command that you ran:\n${printable(stack)}\n`,
    )
    return EXIT.error
  }
  const local = argv.includes('--local')
  const verbose = argv.some((word) => word === '--verbose' || word === '-v')
  const paint = paintFor(process.stderr, !argv.includes('--no-color'))
  process.stderr.write(errorText(error, paint, { verbose, local, program: calledAs() }))
  if (argv.includes('--json')) process.stdout.write(`${errorJson(error, 1, local)}\n`)
  return error.exit
}
