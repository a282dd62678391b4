// A random program: what an operator, other people, the cloud and the computer do, drawn from the world's own seed. Each
// seed allows itself some kinds of deeds only, so that rare ones meet often (swarm testing).
import { controlTableName } from '../../src/base/names.js'
import type { FaultInput } from '../../src/local/fault/rule.js'
import { Violation } from './auditor.js'
import { FUNCTIONS, type Written, ZONE } from './config.js'
import { commandWithFate, type Deed, fateOf, picker, takeSeat } from './draw.js'
import { BYSTANDERS, IN_THE_WAY } from './hands.js'
import type { Resource } from './inventory.js'
import { calm, converges, leavesNothing } from './liveness.js'
import { keepIn, SHARED_DEEDS } from './sharing.js'
import { type Simulation, SPARE } from './simulation.js'

/** The program of a seed, to its calm end. */
export async function randomProgram(world: Simulation): Promise<void> {
  const pick = picker(world.random)
  if (pick.chance(0.3)) addFunctions(world)
  const isShared = pick.chance(0.25)
  if (isShared && pick.chance(0.8)) keepIn(world, 'global-table')
  // What befalls a shared state is half of such a life.
  const deeds = isShared ? [...DEEDS, ...Array.from({ length: 4 }, () => SHARED_DEEDS).flat()] : DEEDS
  const allowed = deeds.filter(() => pick.chance(0.5))
  if (pick.chance(0.25)) await makeForeign(world)
  await commandWithFate('up')(world)
  // Most lives are short, so that there can be many of them.
  const length = pick.chance(0.2) ? 6 : pick.below(3)
  for (let step = 0; step < length && allowed.length > 0; step++) await pick.of(allowed)(world)
  await calm(world)
  takeSeat(world)
  if (pick.chance(0.6)) await converges(world)
  takeSeat(world)
  if (pick.chance(0.6)) await leavesNothing(world)
}

function addFunctions(world: Simulation): void {
  world.edit('two more functions', ({ functions }) => {
    toggle(functions, 'getItem')
    toggle(functions, 'putItem')
  })
}

const regionOf = (world: Simulation) => picker(world.random).of(world.config.regions)

const switchRegion =
  (verb: 'failover' | 'failback'): Deed =>
  async (world) =>
    commandWithFate(verb, { region: regionOf(world) })(world)

async function removeByHand(world: Simulation): Promise<void> {
  const there = world.auditor
    .ours()
    .filter(({ name }) => name !== controlTableName(world.config.stack))
    .filter(({ kind }) => kind !== 'table' || picker(world.random).chance(0.2))
  if (there.length > 0) await world.removeByHand(picker(world.random).of(there))
}

async function alterByHand(world: Simulation): Promise<void> {
  const there = world.auditor.ours().filter(({ kind }) => ALTERABLE.has(kind))
  if (there.length > 0) await world.alterByHand(picker(world.random).of(there))
}
const ALTERABLE: ReadonlySet<string> = new Set([
  'function',
  'role',
  'log-group',
  'health-check',
  'table',
  'policy-instance',
])

/** To the tool it is another's then, until its tags are back. */
async function untagByHand(world: Simulation): Promise<void> {
  const there = world.auditor.ours().filter(({ marks }) => /multiregion:/.test(marks))
  if (there.length > 0) await world.untagByHand(picker(world.random).of(there))
}

/** What stood there goes, somebody puts his own in the way, and `up` is told to take it over. */
async function adopt(world: Simulation): Promise<void> {
  const pick = picker(world.random)
  const region = regionOf(world)
  const { key } = world.config.functions[0]!
  const kind = pick.of(['log-group', 'role'] as const)
  const stood = world.auditor
    .ours()
    .find(
      (one) =>
        one.kind === kind && one.name.includes(key) && (one.region === region || one.name.endsWith(region)),
    )
  if (stood) await world.removeByHand(stood)
  await world.makeByHand(kind === 'role' ? 'role' : 'log group', region)
  await commandWithFate('up', { adopt: [`${kind}/${region}/${key}`] })(world)
}

async function makeForeign(world: Simulation): Promise<void> {
  const pick = picker(world.random)
  await world.makeByHand(pick.of(pick.chance(0.5) ? IN_THE_WAY : BYSTANDERS), regionOf(world))
}

async function breakCloud(world: Simulation): Promise<void> {
  const pick = picker(world.random)
  const region = regionOf(world)
  const faults: readonly FaultInput[] = [
    { kind: 'throttle', rate: 0.3, count: 30 },
    { kind: 'error', rate: 0.2, count: 20 },
    { kind: 'error', rate: 0.1, count: 5, after: true },
    { kind: 'error', status: 503, rate: 0.2, count: 20 },
    { kind: 'lost', rate: 0.05, count: 5 },
    { kind: 'lost', count: 1, ...pick.of(NOT_IDEMPOTENT) },
    { kind: 'black-hole', count: 1 + pick.below(2) },
    { kind: 'reset', rate: 0.1, count: 10 },
    { kind: 'region-out', region, forSeconds: 60 + pick.below(3600) },
    { kind: 'region-out', region, how: 'hang', forSeconds: 60 + pick.below(1200) },
    {
      kind: 'service-out',
      service: pick.of(['iam', 'route53', 'lambda', 'dynamodb', 'acm', 'apigateway', 'logs']),
      plane: 'control',
      forSeconds: 60 + pick.below(3600),
    },
    { kind: 'replication-paused', forSeconds: 60 + pick.below(3600) },
    { kind: 'latency', latencyMs: 200 + pick.below(3000), jitterMs: 100 },
  ]
  world.fault(pick.of(faults))
}

const NOT_IDEMPOTENT = [
  { service: 'apigateway', operation: 'CreateRestApi' },
  { service: 'apigateway', operation: 'CreateDeployment' },
  { service: 'route53', operation: 'CreateTrafficPolicy' },
  { service: 'route53', operation: 'CreateTrafficPolicyVersion' },
  { service: 'route53', operation: 'CreateHealthCheck' },
  { service: 'acm', operation: 'RequestCertificate' },
] as const

export async function edit(world: Simulation): Promise<void> {
  const pick = picker(world.random)
  const [what, change] = pick.of(EDITS)
  world.edit(what, (written, { code }) => change(written, code, pick.below(1000)))
}

type Edit = (written: Written, code: Record<string, number>, number: number) => void
const set = (what: Written, values: object): void => void Object.assign(what, values)

const EDITS: readonly (readonly [string, Edit])[] = [
  ['code', (_, code, number) => set(code, { health: number })],
  ['memory', ({ functions }, _, number) => set(functions.health, { memoryMb: 128 + number })],
  [
    'a variable',
    ({ functions }, _, number) => set(functions.health, { environment: { COLOR: `${number}` } }),
  ],
  ['getItem', ({ functions }) => toggle(functions, 'getItem')],
  ['putItem', ({ functions }) => toggle(functions, 'putItem')],
  ['retention', (written, _, number) => set(written, { logs: { retentionDays: number % 2 ? 7 : 30 } })],
  ['threshold', ({ healthCheck }, _, number) => set(healthCheck, { failureThreshold: 1 + (number % 10) })],
  ['interval', ({ healthCheck }, _, number) => set(healthCheck, { intervalSeconds: number % 2 ? 10 : 30 })],
  ['TTL', (written, _, number) => set(written, { routing: { ttlSeconds: 1 + number } })],
  ['protection', ({ table }) => set(table, { deletionProtection: table.deletionProtection === false })],
  ['recovery', ({ table }) => set(table, { pointInTimeRecovery: table.pointInTimeRecovery === false })],
  ['one more region', ({ regions }) => regions.includes(SPARE) || regions.push(SPARE)],
  ['actions', ({ functions }) => set(functions.health, { actions: ['dynamodb:GetItem', 'dynamodb:Query'] })],
]

function toggle(functions: Written, key: 'getItem' | 'putItem'): void {
  if (functions[key]) delete functions[key]
  else functions[key] = structuredClone(FUNCTIONS[key])
}

/** What a stack that stands can never become; and what no stack can be. */
const BAD_EDITS: readonly (readonly [string, (written: Written) => void])[] = [
  ['another key', ({ table }) => set(table, { partitionKey: { name: 'other', type: 'S' } })],
  ['another home', (written) => written.regions.reverse()],
  ['another domain', (written) => set(written, { domain: `www.${ZONE}` })],
  ['one region less', (written) => written.regions.pop()],
  ['no health function', ({ functions }) => delete functions.health],
  ['an unknown region', (written) => written.regions.push('mars-north-1')],
]

/** Refused, and without a single write. */
async function editBadly(world: Simulation): Promise<void> {
  const ours = world.auditor.ours()
  const isTable = ({ kind, name }: Resource) => kind === 'table' && name === world.config.table.name
  takeSeat(world)
  if (ours.filter(isTable).length < world.config.regions.length || !world.hasState) return
  const [what, change] = picker(world.random).of(BAD_EDITS)
  // After `down --keep-data` another one may be chosen.
  if (what === 'another domain' && ours.every(({ kind }) => kind !== 'domain-name')) return
  world.editBadly(what, change)
  const ending = await world.run({ verb: 'up' })
  if (ending.exit === 0 || ending.mutatingCalls > 0)
    throw new Violation('a refused edit', `${what}: exit ${ending.exit}, ${ending.mutatingCalls} writes`)
  world.undo()
}

async function loseState(world: Simulation): Promise<void> {
  if (world.hasState) await world.loseState()
}

/** Refused until it is made anew. Who only reads a shared one takes, where its home is out, what is whole elsewhere. */
async function harmState(world: Simulation): Promise<void> {
  takeSeat(world)
  if (!world.hasState) return
  const isShared = world.home !== undefined
  // Rebuilt while the home was out: a state that is whole, whatever the table has.
  if (isShared && world.computer.disk.read(world.stateFile) !== undefined) return
  await world.harmState()
  const verb = picker(world.random).of(['up', 'down', 'plan'] as const)
  const ending = await world.run({ verb })
  const isRead = verb === 'plan' && isShared
  if ((ending.exit === 0 && !isRead) || ending.mutatingCalls > 0)
    throw new Violation('a damaged state', `exit ${ending.exit}, ${ending.mutatingCalls} writes`)
  await world.run({ verb: 'state rebuild' })
}

/** (5): no call to another account, from a computer that knows the stack. */
async function otherAccount(world: Simulation): Promise<void> {
  takeSeat(world)
  const { computer } = world
  if (!world.hasFile(computer) && !(world.home && computer.disk.read(computer.pointerFile(world.config))))
    return
  computer.otherAccount = '999999999999'
  const ending = await world.run({
    verb: picker(world.random).of(['up', 'down', 'failover'] as const),
    region: regionOf(world),
  })
  computer.otherAccount = undefined
  const writes = ending.mutatingCalls + ending.stateCalls
  if (ending.exit === 0 || writes > 0)
    throw new Violation('5 another account', `exit ${ending.exit}, ${writes} writes`)
}

/** One of them works, the other is refused or comes after. */
async function twoAtOnce(world: Simulation): Promise<void> {
  const pick = picker(world.random)
  const verbs = ['up', 'up', 'down', 'failback', 'state rebuild'] as const
  const commands = [pick.of(verbs), pick.of(verbs)].map((verb) => {
    takeSeat(world)
    return { verb, region: regionOf(world), on: world.computer.name }
  })
  await world.runAll(commands, fateOf(world, commands[0]!.verb))
  for (const { disk } of world.computers) disk.fault = undefined
}

const writeItems: Deed = async (world) => {
  for (const region of world.config.regions) await world.writeItem(region, picker(world.random).below(3))
}

const pass: Deed = async (world) => {
  const seconds = picker(world.random).of([10, 600, 4000])
  world.note(`${seconds} s pass`)
  await world.pass(seconds)
}

const DEEDS: readonly Deed[] = [
  commandWithFate('up'),
  commandWithFate('up'),
  commandWithFate('down'),
  commandWithFate('down', { keepData: true }),
  commandWithFate('plan'),
  commandWithFate('status'),
  commandWithFate('state rebuild'),
  switchRegion('failover'),
  switchRegion('failback'),
  edit,
  edit,
  editBadly,
  removeByHand,
  removeByHand,
  alterByHand,
  untagByHand,
  adopt,
  makeForeign,
  breakCloud,
  breakCloud,
  loseState,
  harmState,
  otherAccount,
  twoAtOnce,
  twoAtOnce,
  writeItems,
  pass,
]
