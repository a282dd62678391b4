// Lives that once ended badly, each told again in a few lines: random programs found them, and each was mended.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isWell, type PlanResult, type RebuildResult, type StatusResult } from '../../src/commands/result.js'
import { FUNCTIONS, type Written, ZONE } from './config.js'
import { calm, converges, leavesNothing } from './liveness.js'
import { PROGRAMS } from './seed.js'
import { type Simulation, SPARE } from './simulation.js'
import { scenario, share } from './story.js'

async function refusesAnotherKey(world: Simulation): Promise<void> {
  world.editBadly('another key', ({ table }) =>
    Object.assign(table, { partitionKey: { name: 'other', type: 'S' } }),
  )
  const up = await world.run({ verb: 'up' })
  assert.equal(up.error?.code, 'immutable-change')
  assert.equal(up.mutatingCalls, 0)
  world.undo()
}

/** Seeds choose what a power cut leaves. */
const SEEDS = [1, 2, 3, 4]

for (const seed of SEEDS)
  scenario(
    `a power cut just after the lock was taken leaves none that nobody can read (${seed})`,
    async (world) => {
      const { exit } = await world.run(
        { verb: 'up' },
        { at: 'link done of shop-dev.json.lock', what: 'power' },
      )
      assert.equal(exit, 'dead')
      await converges(world)
    },
    { seed },
  )

for (const seed of SEEDS)
  scenario(
    `what a killed run had not brought to the disk itself may go with the power (${seed})`,
    async (world) => {
      await world.run({ verb: 'up' }, { at: 'fsync of local', what: 'kill' })
      await world.run({ verb: 'up' }, { at: 'link of shop-dev.json.lock', what: 'power' })
      await converges(world)
    },
    { seed },
  )

scenario('a lock that cannot be given back hides nothing of what the run came to', async (world) => {
  assert.equal((await world.run({ verb: 'up' })).exit, 0)
  const at = 'write of shop-dev.json.lock.removing'
  assert.equal((await world.run({ verb: 'up' }, { at, what: 'read-only' })).exit, 0)
  world.mend()
  await leavesNothing(world)
})

scenario(
  'a plan while ACM has not yet named the validation record',
  async (world) => {
    const at = 'acm:RequestCertificate applied'
    await world.run({ verb: 'up' }, { at, what: 'kill' })
    const plan = await world.run({ verb: 'plan' })
    assert.equal(plan.exit, 0, plan.error?.message)
    await converges(world)
  },
  { profile: 'realistic' },
)

scenario(
  'an edit that can never come about is refused before the table is ready',
  async (world) => {
    await world.run({ verb: 'up' }, { at: 'dynamodb:CreateTable applied', what: 'kill' })
    await refusesAnotherKey(world)
    await converges(world)
  },
  { profile: 'realistic' },
)

scenario(
  'an edit that can never come about is refused while the table does not answer, too',
  async (world) => {
    await world.run({ verb: 'up' })
    world.fault({ kind: 'region-out', region: 'eu-west-1' })
    await refusesAnotherKey(world)
    world.mend()
    await converges(world)
  },
)

scenario('a down without a state does not call done what it cannot see', async (world) => {
  await world.run({ verb: 'up' })
  await world.loseState()
  const down = await world.run({ verb: 'down' })
  assert.equal(down.error?.code, 'lost-state')
  assert.equal(down.mutatingCalls, 0)
  await leavesNothing(world)
  assert.equal((await world.run({ verb: 'down' })).exit, 0)
})

scenario('a down without a state says so while a region is out, too', async (world) => {
  await world.run({ verb: 'up' })
  await world.loseState()
  world.fault({ kind: 'region-out', region: 'us-east-1', forSeconds: 36_000 })
  const down = await world.run({ verb: 'down' })
  assert.equal(down.error?.code, 'lost-state')
  assert.match(down.error?.hint ?? '', /multiregion state rebuild/)
  assert.equal(down.mutatingCalls, 0)
  world.mend()
  await leavesNothing(world)
})

scenario(
  'a down without a state that sees nothing at all does not say that nothing stands',
  async (world) => {
    await world.run({ verb: 'up' })
    await world.run({ verb: 'down', keepData: true })
    await world.loseState()
    world.fault({ kind: 'service-out', service: 'dynamodb', forSeconds: 36_000 })
    assert.equal((await world.run({ verb: 'down' })).error?.code, 'cloud')
    world.mend()
    await leavesNothing(world)
  },
)

const KINDS = [
  'function',
  'role',
  'stage',
  'mapping',
  'health-check',
  'table',
  'record',
  'log-group',
] as const

for (const kind of KINDS)
  scenario(`what hangs on a ${kind} that went by hand is found without a state, too`, async (world) => {
    await world.run({ verb: 'up' })
    const gone = world.auditor.ours().filter((one) => one.kind === kind)
    assert.ok(gone.length > 0)
    for (const one of gone) await world.removeByHand(one)
    await world.loseState()
    await leavesNothing(world)
  })

scenario('after a rebuild without its functions an API keeps one deployment', async (world) => {
  await world.run({ verb: 'up' })
  const gone = world.auditor.ours().filter(({ kind }) => kind === 'function')
  for (const one of gone) await world.removeByHand(one)
  await world.loseState()
  await converges(world)
})

scenario('a damaged state gives way to an empty one where nothing stands', async (world) => {
  await world.run({ verb: 'up' }, { at: 'write half done of shop-dev.json.101.tmp', what: 'interrupt' })
  await world.harmState()
  assert.equal((await world.run({ verb: 'up' })).error?.code, 'state')
  assert.equal((await world.run({ verb: 'state rebuild' })).exit, 0)
  await converges(world)
})

scenario('what the config got since the state was lost hides nothing of what stands', async (world) => {
  await world.run({ verb: 'up' })
  await world.loseState()
  world.edit('putItem', ({ functions }) => Object.assign(functions, { putItem: FUNCTIONS.putItem }))
  await converges(world)
})

scenario(
  'a switch after a rebuild that knows a function by name only takes it as it stands',
  async (world) => {
    await world.run({ verb: 'up' })
    for (const one of world.auditor.ours()) if (one.kind === 'log-group') await world.removeByHand(one)
    await world.loseState()
    await world.run({ verb: 'state rebuild' })
    for (const verb of ['failover', 'failback'] as const) {
      const { exit, error } = await world.run({ verb, region: 'eu-west-1' })
      assert.equal(exit, 0, error?.message)
    }
    await converges(world)
  },
)

scenario('what a killed run was writing and nobody can remove is told in words', async (world) => {
  await world.run({ verb: 'up' }, { at: 'write half done of shop-dev.json.101.tmp', what: 'kill' })
  const up = await world.run({ verb: 'up' }, { at: 'remove of shop-dev.json.101.tmp', what: 'read-only' })
  assert.equal(up.error?.code, 'state')
  world.mend()
  await converges(world)
})

scenario('what a run had sent when it died is found by a rebuild at once', async (world) => {
  await world.run({ verb: 'up' }, { at: 'acm:RequestCertificate before it is sent', what: 'power' })
  await world.loseState()
  assert.equal((await world.run({ verb: 'state rebuild' })).exit, 0)
  await leavesNothing(world)
})

scenario(
  'a rebuild of a state that can be read forgets nothing that no listing shows yet',
  async (world) => {
    await world.run({ verb: 'up' }, { at: 'logs:PutRetentionPolicy applied', what: 'kill' })
    await world.run({ verb: 'state rebuild' })
    await converges(world)
    await leavesNothing(world)
  },
  { profile: 'realistic' },
)

scenario('a damaged state of which nothing stands is not in the way for ever', async (world) => {
  await world.run({ verb: 'up' }, { at: 'logs:CreateLogGroup before it is sent', what: 'kill' })
  for (const one of world.auditor.ours()) await world.removeByHand(one)
  await world.harmState()
  assert.equal((await world.run({ verb: 'up' })).error?.code, 'state')
  assert.equal((await world.run({ verb: 'state rebuild' })).exit, 0)
  await converges(world)
})

scenario(
  'a computer that never shared the state leaves no table behind, nor takes it for lost',
  async (world) => {
    share(world)
    await world.run({ verb: 'up' })
    share(world, 'file')
    world.sitDown(world.computers[1]!)
    assert.equal((await world.run({ verb: 'down' })).exit, 0)
    await leavesNothing(world)
  },
)

scenario('who shares a state makes no second stack in another account', async (world) => {
  share(world)
  await world.run({ verb: 'up' })
  world.computer.otherAccount = '999999999999'
  const up = await world.run({ verb: 'up' })
  assert.equal(up.error?.code, 'wrong-account')
  assert.equal(up.mutatingCalls + up.stateCalls, 0)
})

scenario('credentials that expire while the shared state is read are told as such', async (world) => {
  share(world)
  await world.run({ verb: 'up' })
  world.sitDown(world.computers[1]!)
  const ending = await world.run({ verb: 'up' }, { at: 'write done of shop-dev.shared.json', what: 'expire' })
  assert.match(ending.error?.hint ?? '', /Renew the credentials/)
  await converges(world)
})

for (const kind of ['table', 'role', 'rest-api', 'certificate'] as const)
  scenario(`a ${kind} whose owner tags went by hand stays as it is until they are back`, async (world) => {
    await world.run({ verb: 'up' })
    await world.untagByHand(world.auditor.ours().find((one) => one.kind === kind)!)
    assert.notEqual((await world.run({ verb: 'up' })).exit, 0)
    assert.notEqual((await world.run({ verb: 'down' })).exit, 0)
    world.mend()
    await converges(world)
    await leavesNothing(world)
  })

scenario('what people put in the way is ours once it is adopted', async (world) => {
  await world.makeByHand('role', 'us-east-1')
  await world.makeByHand('log group', 'eu-west-1')
  await world.run({ verb: 'up', adopt: ['role/us-east-1/health', 'log-group/eu-west-1/health'] })
  assert.deepEqual(world.auditor.foreign(), [])
  await converges(world)
  await leavesNothing(world)
})

scenario(
  'a record that people moved to a policy of theirs is moved back, or goes with the stack',
  async (world) => {
    for (const goesOn of [converges, leavesNothing]) {
      await world.run({ verb: 'up' })
      await world.alterByHand(world.auditor.ours().find((one) => one.kind === 'policy-instance')!)
      await goesOn(world)
    }
  },
)

scenario('a disk that lets nothing go is told as such where the shared state ends', async (world) => {
  share(world)
  await world.run({ verb: 'up' })
  const at = 'dynamodb:DeleteTable applied'
  share(world, 'file')
  const ending = await world.run({ verb: 'up' }, { at, what: 'read-only' })
  assert.equal(ending.error?.code, 'state')
  world.mend()
  await leavesNothing(world)
})

scenario(
  'a rebuild beside a table whose state went to a lost computer leaves no table behind',
  async (world) => {
    share(world)
    await world.run({ verb: 'up' })
    share(world, 'file')
    await world.run({ verb: 'up' }, { at: 'dynamodb:DeleteTable before it is sent', what: 'power' })
    world.loseComputer()
    assert.equal((await world.run({ verb: 'down' })).error?.code, 'state-moved')
    assert.equal((await world.run({ verb: 'state rebuild' })).exit, 0)
    await leavesNothing(world)
  },
)

scenario('an up leaves a drained region drained', async (world) => {
  await world.run({ verb: 'up' })
  assert.equal((await world.run({ verb: 'failover', region: 'eu-west-1' })).exit, 0)
  const up = await world.run({ verb: 'up' })
  assert.equal(up.mutatingCalls, 0)
  const { regions } = (await world.run({ verb: 'status' })).result as StatusResult
  assert.equal(regions['eu-west-1']?.drained, true)
  assert.equal(regions['eu-west-1']?.serving, false)
})

scenario('a stack whose public name has no answer is not well', async (world) => {
  await world.run({ verb: 'up' })
  await world.pass(300)
  const told = async () => (await world.run({ verb: 'status' })).result as StatusResult
  assert.equal(isWell(await told()), true)
  await world.removeByHand(world.auditor.ours().find(({ kind }) => kind === 'policy-instance')!)
  assert.equal(isWell(await told()), false)
  await converges(world)
  await world.pass(120)
  assert.equal(isWell(await told()), true)
  const ours = world.auditor.ours()
  await world.removeByHand(ours.find(({ kind, region }) => kind === 'log-group' && region === 'us-east-1')!)
  assert.equal(isWell(await told()), false)
})

scenario('a status that a hanging region keeps waiting tells what is so when it ends', async (world) => {
  await world.run({ verb: 'up' })
  await world.pass(300)
  world.fault({ kind: 'region-out', region: 'eu-west-1', how: 'hang', forSeconds: 36_000 })
  await world.pass(300)
  const { result, notes } = await world.run({ verb: 'status' })
  const { regions, dns } = result as StatusResult
  assert.equal(regions['eu-west-1']?.health.status, 'unhealthy')
  // Long before, who asks with a pager in his hand.
  const meanwhile = 'eu-west-1 does NOT serve, us-east-1 serves; clients near eu-west-1 get us-east-1'
  assert.ok(notes.join('\n').includes(meanwhile), notes.join('\n'))
  assert.deepEqual(Object.values(dns.answers), ['us-east-1', 'us-east-1'])
})

scenario('what carries its own marks is found though what it hangs on has lost its', async (world) => {
  await world.run({ verb: 'up' })
  for (const one of world.auditor.ours()) if (one.kind === 'role') await world.untagByHand(one)
  await world.loseState()
  const { exit, result } = await world.run({ verb: 'state rebuild' })
  assert.equal(exit, 0)
  const { leftOut } = result as RebuildResult
  assert.deepEqual(leftOut.map(({ address }) => address).sort(), [
    'role/eu-west-1/health',
    'role/us-east-1/health',
  ])
  await world.run({ verb: 'down' })
  assert.deepEqual(world.auditor.ours(), [])
})

scenario(
  'what had lost its tags when the state was made anew comes back with another rebuild',
  async (world) => {
    await world.run({ verb: 'up' })
    await world.untagByHand(world.auditor.ours().find((one) => one.kind === 'table')!)
    await world.loseState()
    assert.equal((await world.run({ verb: 'state rebuild' })).exit, 0)
    await calm(world)
    await converges(world)
    await leavesNothing(world)
  },
)

scenario('a protection that left the config while the state was lost is found, and lifted', async (world) => {
  await world.run({ verb: 'up' })
  await world.loseState()
  world.edit('no protection', ({ table }) =>
    Object.assign(table, { deletionProtection: false, pointInTimeRecovery: false }),
  )
  await converges(world)
  await leavesNothing(world)
})

scenario('a table that is half gone after its state went to a file keeps nobody out', async (world) => {
  share(world)
  await world.run({ verb: 'up' })
  await world.run({ verb: 'state takeover', to: 'us-east-1' })
  share(world, 'file')
  await world.run({ verb: 'up' }, { at: 'dynamodb:DeleteTable before it is sent', what: 'power' })
  await leavesNothing(world)
})

scenario('a state file that cannot be removed at the end is told as such', async (world) => {
  await world.run({ verb: 'up' })
  const at = 'remove of shop-dev.backup.json'
  assert.equal((await world.run({ verb: 'down' }, { at, what: 'read-only' })).error?.code, 'state')
  world.mend()
  await leavesNothing(world)
})

scenario('a drain that a state knew is not forgotten by a rebuild that cannot look', async (world) => {
  await world.run({ verb: 'up' })
  await world.run({ verb: 'failover', region: 'us-east-1' })
  world.fault({ kind: 'service-out', service: 'lambda', region: 'us-east-1' })
  assert.equal((await world.run({ verb: 'state rebuild' })).exit, 0)
  world.mend()
  assert.equal((await world.run({ verb: 'up' })).exit, 0)
  const { regions } = (await world.run({ verb: 'status' })).result as StatusResult
  assert.equal(regions['us-east-1']?.drained, true)
  await leavesNothing(world)
})

scenario('a refused edit after a rebuild that could not see all is not recorded', async (world) => {
  await world.run({ verb: 'up' })
  await world.loseState()
  world.fault({ kind: 'service-out', service: 'dynamodb', region: 'us-east-1' })
  await world.run({ verb: 'state rebuild' })
  world.mend()
  world.editBadly('another home', ({ regions }) => regions.reverse())
  assert.match((await world.run({ verb: 'up' })).error?.message ?? '', /the home region of this stack is/)
  world.undo()
  await converges(world)
  await leavesNothing(world)
})

scenario('a rebuild with an empty state goes by the marks of what stands', async (world) => {
  await world.run({ verb: 'up' })
  await world.untagByHand(world.auditor.ours().find(({ kind }) => kind === 'role')!)
  await world.run({ verb: 'down' })
  await world.harmState()
  assert.equal((await world.run({ verb: 'state rebuild' })).exit, 0)
  world.mend()
  assert.equal((await world.run({ verb: 'state rebuild' })).exit, 0)
  await converges(world)
  await leavesNothing(world)
})

scenario(
  'of two states of one stack the one that another machine works with is no longer used',
  async (world) => {
    await world.run({ verb: 'up' })
    share(world)
    world.sitDown(world.computers[1]!)
    assert.equal((await world.run({ verb: 'state rebuild' })).exit, 0)
    assert.equal((await world.run({ verb: 'up' })).exit, 0)
    world.sitDown(world.computers[0]!)
    await converges(world)
    await leavesNothing(world)
  },
)

const OTHER_CONFIGS = {
  'another domain': (written: Written) => Object.assign(written, { domain: `www.${ZONE}` }),
  'another table': ({ table }: Written) => Object.assign(table, { name: 'Others' }),
  'one region less': ({ regions }: Written) => regions.pop(),
  'another home': ({ regions }: Written) => regions.reverse(),
}
for (const [what, change] of Object.entries(OTHER_CONFIGS))
  scenario(`a state that is lost, and ${what}: a rebuild asks for the config as it was`, async (world) => {
    world.edit('a third region', ({ regions }) => regions.push(SPARE))
    await world.run({ verb: 'up' })
    await world.loseState()
    world.editBadly(what, change)
    const { error, mutatingCalls } = await world.run({ verb: 'state rebuild' })
    assert.equal(error?.code, 'other-config')
    assert.equal(mutatingCalls, 0)
    world.undo()
    await leavesNothing(world)
  })

scenario(
  'a down looks once more before the state goes, and takes what another state has made',
  async (world) => {
    await world.run({ verb: 'up' })
    const [laptop, desktop] = world.computers
    const text = laptop!.disk.read(world.stateFile)!
    world.sitDown(desktop!)
    await world.run({ verb: 'state rebuild' })
    world.edit('putItem', ({ functions }) => Object.assign(functions, { putItem: FUNCTIONS.putItem }))
    await world.run({ verb: 'up' })
    world.sitDown(laptop!)
    assert.equal(laptop!.disk.read(world.stateFile), text)
    desktop!.disk.drop(world.stateFile)
    await leavesNothing(world)
  },
)

scenario('a role whose owner tags went by hand keeps nothing else from going', async (world) => {
  await world.run({ verb: 'up' })
  await world.untagByHand(world.auditor.ours().find((one) => one.kind === 'role')!)
  const { exit, error } = await world.run({ verb: 'down' })
  assert.equal(exit, 3)
  assert.match(error?.hint ?? '', /tags went by hand. Take it over again: multiregion up --adopt role\//)
  const left = world.auditor.ours().map(({ kind }) => kind)
  assert.deepEqual(left, [], 'what of it does not hang on that role')
})

scenario('after a takeover an up goes on in the regions that answer', async (world) => {
  share(world)
  await world.run({ verb: 'up' })
  world.fault({ kind: 'region-out', region: 'eu-west-1', forSeconds: 36_000 })
  assert.equal((await world.run({ verb: 'state takeover', to: 'us-east-1' })).exit, 0)
  world.edit('memory', ({ functions }) => Object.assign(functions.health, { memoryMb: 640 }))
  const { mutatingCalls } = await world.run({ verb: 'up' })
  assert.ok(mutatingCalls > 0)
  world.mend()
  await converges(world)
  await leavesNothing(world)
})

scenario(
  "of three regions one is drained while the shared state's home is out, and the next run knows",
  async (world) => {
    share(world)
    await world.run({ verb: 'up' })
    world.fault({ kind: 'region-out', region: 'eu-west-1' })
    const failover = await world.run({ verb: 'failover', region: SPARE })
    assert.equal(failover.exit, 0, failover.error?.message)
    world.mend()
    const up = await world.run({ verb: 'up' })
    assert.equal(up.exit, 0, up.error?.message)
    const { regions } = (await world.run({ verb: 'status' })).result as StatusResult
    assert.equal(regions[SPARE]?.drained, true)
    await leavesNothing(world)
  },
  { regions: ['eu-west-1', 'us-east-1', SPARE] },
)

for (const isBack of [false, true])
  scenario(
    `a drain that was noted while the home was out is known to who only reads, ${isBack ? 'and the home is back' : 'and it is out'}`,
    async (world) => {
      share(world)
      await world.run({ verb: 'up' })
      world.fault({ kind: 'service-out', service: 'dynamodb', region: 'eu-west-1', forSeconds: 36_000 })
      assert.equal((await world.run({ verb: 'failover', region: SPARE })).exit, 0)
      const drainedAt = new Date().toISOString()
      await world.pass(600)
      if (isBack) world.mend()
      world.sitDown(world.computers[1]!)
      const plan = (await world.run({ verb: 'plan' })).result as PlanResult
      assert.deepEqual(plan.drained, [SPARE])
      assert.deepEqual(plan.changes, [])
      const status = await world.run({ verb: 'status' })
      const { regions } = status.result as StatusResult
      assert.equal(regions[SPARE]?.drained, true)
      const [, since = ''] = /drained by failover since (\S+)/.exec(regions[SPARE]?.health.reason ?? '') ?? []
      assert.ok(since !== '' && since <= drainedAt, since)
      assert.equal(status.mutatingCalls + status.stateCalls, 0)
      world.mend()
      await converges(world)
      await leavesNothing(world)
    },
    { regions: ['eu-west-1', 'us-east-1', SPARE] },
  )

test('a stage of an API that is gone is not taken for the one that stands', async () => {
  // Two takeovers there and back around a down and an up: a late generation tells of the stage of the API before.
  const { violation, trace } = await PROGRAMS.random.simulate(42133)
  assert.equal(violation, undefined, `${violation?.stack}\n${trace.join('\n')}`)
})

scenario('a shared stack whose home was edited is not taken down by halves', async (world) => {
  share(world)
  await world.run({ verb: 'up' })
  world.editBadly('another home', ({ regions }) => regions.reverse())
  const { error, mutatingCalls } = await world.run({ verb: 'down' })
  assert.match(error?.hint ?? '', /Put eu-west-1 first again/)
  assert.equal(mutatingCalls, 0)
  world.undo()
  await leavesNothing(world)
})

scenario('a down that keeps the data keeps a table that no state told of, too', async (world) => {
  await world.run({ verb: 'up' })
  const table = world.auditor.ours().find((one) => one.kind === 'table')!
  await world.untagByHand(table)
  await world.loseState()
  await world.run({ verb: 'state rebuild' })
  world.mend()
  await world.run({ verb: 'down', keepData: true })
  assert.ok(world.auditor.ours().some(({ key }) => key === table.key))
  await leavesNothing(world)
})

scenario('the record of a certificate whose tags went by hand goes when that does', async (world) => {
  await world.run({ verb: 'up' })
  await world.untagByHand(world.auditor.ours().find((one) => one.kind === 'certificate')!)
  assert.notEqual((await world.run({ verb: 'down' })).exit, 0)
  world.mend()
  await leavesNothing(world)
})

for (const isOut of [false, true])
  scenario(
    `a damaged shared state of which nothing stands but its table, ${isOut ? 'home out' : 'all there'}: rebuilt as the table's own`,
    async (world) => {
      share(world)
      await world.run({ verb: 'up' }, { at: 'dynamodb:UpdateTable', what: 'interrupt' })
      await world.harmState()
      world.sitDown(world.computers[1]!)
      if (isOut) world.fault({ kind: 'region-out', region: 'eu-west-1', how: 'refuse' })
      await world.run({ verb: 'state rebuild' })
      world.mend()
      await world.run({ verb: 'state rebuild' })
      await converges(world)
    },
  )

scenario('of two certificates that are ours the one that no domain has any more goes', async (world) => {
  await world.run({ verb: 'up' })
  await world.untagByHand(world.auditor.ours().find(({ kind }) => kind === 'certificate')!)
  await world.loseState()
  await world.run({ verb: 'state rebuild' })
  assert.equal((await world.run({ verb: 'up' })).exit, 0)
  world.mend()
  await world.run({ verb: 'state rebuild' })
  await converges(world)
  await leavesNothing(world)
})

for (const goesOn of [converges, leavesNothing])
  scenario(
    `a health check that was made, not recorded, and removed by hand: ${goesOn.name}`,
    async (world) => {
      const at = 'route53:POST /2013-04-01/healthcheck applied'
      assert.equal((await world.run({ verb: 'up' }, { at, what: 'kill' })).exit, 'dead')
      for (const one of world.auditor.ours()) if (one.kind === 'health-check') await world.removeByHand(one)
      await goesOn(world)
    },
  )
