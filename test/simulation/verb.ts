// A verb from its session to its end, as `cli-run.ts` runs it, without a terminal: every question is answered yes.
import type { Emit } from '../../src/base/events.js'
import { down } from '../../src/commands/down.js'
import { plan } from '../../src/commands/plan.js'
import { rebuild } from '../../src/commands/rebuild.js'
import { openSession, type Session } from '../../src/commands/session.js'
import { isShared, sharedShow, sharedUnlock, stateShow, stateUnlock } from '../../src/commands/state.js'
import { status } from '../../src/commands/status.js'
import { failback, failover } from '../../src/commands/switch.js'
import { takeover } from '../../src/commands/takeover.js'
import { tally as newTally, type Tally } from '../../src/commands/tally.js'
import type { Target } from '../../src/commands/target.js'
import { up } from '../../src/commands/up.js'
import type { Config } from '../../src/config/load.js'
import type { Env } from '../../src/engine/env.js'
import type { Command } from './process.js'

interface Opening {
  readonly config: Config
  readonly bundles: Env['bundles']
  readonly target: Target
  readonly emit: Emit
  readonly signal: AbortSignal
}

const WRITES = new Set(['up', 'failover', 'failback', 'down', 'state rebuild'])
const STATE_VERBS = new Set(['state show', 'state unlock', 'state takeover'])
const yes = async () => true

/** The command's result. Throws MultiregionError. */
export async function runVerb(command: Command, opening: Opening): Promise<unknown> {
  const { verb } = command
  if (STATE_VERBS.has(verb)) return stateVerb(command, opening)
  const tally = newTally(opening.emit)
  const session = await openSession({
    ...opening,
    calls: tally.calls,
    emit: tally.emit,
    anew: verb === 'state rebuild',
    detachable: verb === 'failover' || verb === 'failback',
    ...(WRITES.has(verb) ? { lockAs: `multiregion ${verb}` } : {}),
  })
  try {
    return await work(command, session, tally)
  } finally {
    await session.close()
  }
}

/** They open no session. */
async function stateVerb(command: Command, { config, target, emit }: Opening): Promise<unknown> {
  const { verb, nonce = '', to = '', force = false } = command
  if (verb === 'state takeover')
    return takeover(config, target, { to, force, command: 'multiregion state takeover', emit })
  const shared = await isShared(config, true, target.world)
  if (verb === 'state show')
    return shared ? sharedShow(config, target, emit) : stateShow(config, true, target.world)
  return shared ? sharedUnlock(config, target, nonce) : stateUnlock(config, true, nonce, target.world)
}

async function work(command: Command, session: Session, tally: Tally): Promise<unknown> {
  const { region = '', forceLast = false, adopt } = command
  switch (command.verb) {
    case 'up':
      return up(session, tally, { proof: command.proof ?? false, adopt, confirm: yes })
    case 'plan':
      return plan(session, adopt)
    case 'status':
      return status(session)
    case 'failover':
      return failover(session, tally, { region, forceLast })
    case 'failback':
      return failback(session, tally, { region })
    case 'down':
      return down(session, tally, { keepData: command.keepData ?? false, confirm: yes })
    default:
      return rebuild(session, { confirm: yes })
  }
}
