// What must come true once nothing goes wrong any more: `up` converges within two runs and the next plan is empty, the
// replicas become equal, `down` leaves nothing. The auditor has looked after every command on the way.
import type { PlanResult } from '../../src/commands/result.js'
import { Violation } from './auditor.js'
import type { Kind, Resource } from './inventory.js'
import type { Ending } from './process.js'
import type { Simulation } from './simulation.js'

/** Faults over, disk mended, refused edits undone, what people put in the way gone. */
export async function calm(world: Simulation): Promise<void> {
  const areMarksBack = world.mend()
  world.undo()
  for (const one of world.auditor.foreign()) if (isInTheWay(one.kind)) await world.removeByHand(one)
  await world.pass(CALM_SECONDS)
  if (!world.workplaces.includes(world.computer)) world.sitDown(world.workplaces[0]!)
  // A rebuild had left it out, and says to do so.
  if (areMarksBack && world.isRebuilt && world.hasState) await rebuilt(world)
}

// Longer than AWS shows what is gone, shorter than a token lives.
const CALM_SECONDS = 120

const IN_THE_WAY: ReadonlySet<Kind> = new Set(['log-group', 'role', 'table', 'policy-version', 'record'])
const isInTheWay = (kind: Kind) => IN_THE_WAY.has(kind)

/** (16), (18), (19): whole after two runs at most, and then nothing to do. */
export async function converges(world: Simulation): Promise<void> {
  await succeeds(world, 'up')
  isWhole(world)
  const plan = await world.run({ verb: 'plan' })
  const result = plan.result as PlanResult | undefined
  if (plan.exit !== 0 || !result || result.changes.length > 0)
    throw new Violation(
      '16 up converges',
      `the next plan is not empty: ${JSON.stringify(result?.changes ?? plan.error?.message)}`,
    )
  if (plan.mutatingCalls > 0) throw new Violation('16 up converges', 'a plan has written')
  await replicasAreEqual(world)
}

/** (17): nothing of ours is left, and no state. */
export async function leavesNothing(world: Simulation): Promise<void> {
  await succeeds(world, 'down')
  const left = world.left()
  if (left.length > 0)
    throw new Violation(
      '17 down leaves nothing',
      `there is still ${left.map(({ key, name }) => `${key} (${name})`).join(', ')}`,
    )
  if (world.home || world.hasFile(world.computer))
    throw new Violation('17 down leaves nothing', 'the state is still there')
}

/** Within two runs, beside one that is refused as the state is lost, and says what to do. */
async function succeeds(world: Simulation, verb: 'up' | 'down'): Promise<void> {
  let last: Ending | undefined
  let isRebuilt = false
  for (let runs = 0; runs < 2; runs++) {
    last = await world.run({ verb })
    if (last.exit === 0) return
    // What the hint says of the file of a stack that is gone.
    if (last.error?.code === 'two-states' && world.hasFile(world.computer)) {
      world.dropFile()
      runs--
      continue
    }
    if (isRebuilt || !last.error?.hint.includes('state rebuild')) continue
    await rebuilt(world)
    isRebuilt = true
    runs--
  }
  const invariant = verb === 'up' ? '16 up converges' : '17 down leaves nothing'
  throw new Violation(invariant, `the second ${verb} ends with ${last?.exit}: ${last?.error?.message}`)
}

async function rebuilt(world: Simulation): Promise<void> {
  const ending = await world.run({ verb: 'state rebuild' })
  // Where a crash came before the first call was answered, nothing may stand that could be found.
  if (ending.exit !== 0 && ending.error?.code !== 'nothing-found')
    throw new Violation('3 reachable', `state rebuild ends with ${ending.exit}: ${ending.error?.message}`)
}

/** (2): one of each where the config wants one, and nothing else. */
export function isWhole(world: Simulation): void {
  const { regions, functions, state } = world.config
  const tables = state.backend === 'global-table' ? 2 : 1
  const [inEach, forEach] = [regions.length, regions.length * functions.length]
  const wanted: Readonly<Record<Kind, number>> = {
    table: inEach * tables,
    role: forEach,
    'log-group': forEach,
    function: forEach,
    'rest-api': inEach,
    deployment: inEach,
    stage: inEach,
    'domain-name': inEach,
    mapping: inEach,
    certificate: inEach,
    'health-check': inEach,
    'policy-version': 1,
    'policy-instance': 1,
    record: 1,
  }
  const found = world.auditor.ours()
  recordsAreChecked(found)
  for (const [kind, count] of Object.entries(wanted)) {
    const there = found.filter((one) => one.kind === kind)
    if (there.length !== count)
      throw new Violation(
        '2 one of each',
        `${there.length} of ${count} ${kind}: ${there.map(({ key }) => key).join(', ')}`,
      )
  }
}

/** (8): the record leads to checks that are there. */
function recordsAreChecked(found: readonly Resource[]): void {
  const checks = found.filter(({ kind }) => kind === 'health-check').map(({ key }) => key.split(' ')[1]!)
  for (const { key, content } of found.filter(({ kind }) => kind === 'policy-version')) {
    const named = [...content.matchAll(/HealthCheck\\*":\\*"([\w-]+)/g)].map(([, id]) => id!)
    const strays = named.filter((id) => !checks.includes(id))
    if (named.length === 0 || strays.length > 0)
      throw new Violation(
        '8 checked records',
        `${key} names ${named.length} checks, of which are gone: ${strays}`,
      )
  }
}

/** (19): once replication has caught up, every region has the same items, and each acknowledged write or a later one. */
async function replicasAreEqual(world: Simulation): Promise<void> {
  await world.pass(10)
  const { table, regions } = world.config
  const items = await Promise.all(
    regions.map(async (region) => {
      const engine = world.cloud.wiring.engines.get(region)
      const page = await engine?.call<{ Items: object[] }>('Scan', { TableName: table.name })
      return JSON.stringify((page?.Items ?? []).map((item) => JSON.stringify(item)).sort())
    }),
  )
  if (new Set(items).size > 1) throw new Violation('19 replicas', `the replicas differ: ${items.join(' | ')}`)
  const said = new Map(
    (JSON.parse(items[0] ?? '[]') as string[]).map((text) => {
      const { id, name } = JSON.parse(text) as { id: { N: string }; name?: { S: string } }
      return [Number(id.N), name?.S]
    }),
  )
  for (const [id, names] of world.acknowledged)
    if (!names.includes(said.get(id) ?? ''))
      throw new Violation('19 writes', `item ${id} was to be ${names.join(' or ')}, and is ${said.get(id)}`)
}
