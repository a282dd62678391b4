// A life from its beginning to its end: a world of its own, on virtual time, in which a story is told; and what came of it.
// What a story can say is `simulation.ts`'s.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { WIRE_CLIENTS } from '../../src/local/wire/clients.js'
import { openWire } from '../../src/local/wire/service.js'
import { Violation } from './auditor.js'
import { ZONE } from './config.js'
import { prepareCertificates } from './machine.js'
import { Bug } from './process.js'
import { Simulation, type SimulationOptions } from './simulation.js'
import { Stuck, VirtualTime } from './time.js'

export interface Outcome {
  readonly seed: number
  readonly trace: readonly string[]
  /** Of the trace: the same for the same seed. */
  readonly hash: string
  readonly calls: number
  readonly violation?: Error
}

let preparing: Promise<string> | undefined

/** Once in a process; the first run does it by itself. */
export function prepared(): Promise<string> {
  preparing ??= prepare()
  return preparing
}

/**
 * A folder for the little that the services still keep in files; certificates that all runs share; and a first life, in
 * which modules and files are loaded that no later one waits for: virtual time does not wait for them.
 */
async function prepare(): Promise<string> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
  const folder = mkdtempSync(path.join(tmpdir(), 'simulation-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  await prepareCertificates(folder, [`api.${ZONE}`])
  for (const descriptor of WIRE_CLIENTS) await openWire(descriptor)
  for (const seed of [0, 1])
    await live({ seed }, folder, async (world) => {
      await world.run({ verb: 'up' })
      await world.run({ verb: 'status' })
      await world.run({ verb: 'down' })
    })
  return folder
}

/** Runs a story in a world of its own. What breaks is in the outcome; nothing is thrown. */
export async function simulate(
  options: SimulationOptions,
  story: (world: Simulation) => Promise<void>,
): Promise<Outcome> {
  return live(options, await prepared(), story)
}

async function live(
  options: SimulationOptions,
  folder: string,
  story: (world: Simulation) => Promise<void>,
): Promise<Outcome> {
  const time = new VirtualTime(options.seed)
  const trace: string[] = []
  time.install()
  let world: Simulation | undefined
  let violation: Error | undefined
  try {
    world = await time.run(Simulation.open(options, folder, time, trace))
    await time.run(story(world), LONGEST_STORY_SECONDS)
    const [bug] = world.cloud.bugs
    if (bug) throw new Violation('the cloud itself', bug)
  } catch (error) {
    violation = explained(error)
  } finally {
    time.uninstall()
  }
  const hash = createHash('sha256').update(trace.join('\n')).digest('hex')
  return {
    seed: options.seed,
    trace,
    hash,
    calls: world?.auditor.calls ?? 0,
    ...(violation && { violation }),
  }
}

const LONGEST_STORY_SECONDS = 14 * 24 * 3600

function explained(error: unknown): Error {
  if (error instanceof Stuck) return new Violation('20 ends', error.message)
  if (error instanceof Bug) return new Violation('no bugs', error.message)
  return error instanceof Error ? error : new Error(String(error))
}
