// What verbs say of what stopped them: who did not answer, what is left, who may be asked next.
import assert from 'node:assert/strict'
import type { RebuildResult, SwitchResult } from '../../src/commands/result.js'
import { paintFor } from '../../src/ui/paint.js'
import { report } from '../../src/ui/report.js'
import { FUNCTIONS } from './config.js'
import { converges, leavesNothing } from './liveness.js'
import { scenario } from './story.js'

scenario('a down with a region out says which one, and what is left', async (world) => {
  await world.run({ verb: 'up' })
  world.fault({ kind: 'region-out', region: 'eu-west-1' })
  const { error, exit } = await world.run({ verb: 'down' })
  assert.equal(exit, 3)
  assert.match(error?.message ?? '', /things failed; eu-west-1 did not answer:\n/)
  assert.match(error?.message ?? '', /apigateway:\w+ in eu-west-1 did not answer: /)
  assert.match(error?.message ?? '', /\nLeft in eu-west-1: table, .*function health/)
  assert.ok((error?.data.left as string[] | undefined)?.includes('table/eu-west-1'))
  assert.match(
    error?.hint ?? '',
    /^What is done is saved\. Wait until eu-west-1 can be reached .* multiregion down again: it goes on/,
  )
  world.mend()
  await leavesNothing(world)
})

scenario('an up with a region out says which one, and once that it goes on', async (world) => {
  world.fault({ kind: 'region-out', region: 'eu-west-1' })
  await world.run({ verb: 'up' })
  world.mend()
  await world.run({ verb: 'up' })
  world.edit('memory', ({ functions }) => Object.assign(functions.health, { memoryMb: 640 }))
  world.fault({ kind: 'region-out', region: 'eu-west-1' })
  const { error } = await world.run({ verb: 'up' })
  assert.match(error?.message ?? '', /things failed; eu-west-1 did not answer:\n/)
  assert.equal(error?.hint.match(/saved/g)?.length, 1)
  assert.match(error?.hint ?? '', /Wait until eu-west-1 can be reached again; multiregion status tells/)
  world.mend()
  await converges(world)
})

for (const at of ['logs:PutRetentionPolicy', 'iam:CreateRole'])
  scenario(`what a lost state had made is not to be removed, or adopted one by one: ${at}`, async (world) => {
    await world.run({ verb: 'up' }, { at: `${at} applied`, what: 'kill' })
    await world.loseState()
    await world.makeByHand('log group', 'us-east-1')
    for (const verb of ['up', 'plan'] as const) {
      const { error } = await world.run({ verb })
      assert.equal(error?.code, 'foreign-resource')
      assert.match(error.hint, /^It was made for this stack by another state \(lineage [\w-]+\)/)
      assert.match(error.hint, /multiregion state rebuild\. If another machine has it, work there\.$/)
    }
  })

scenario('a rebuild offers to adopt only what can be', async (world) => {
  world.edit('putItem', ({ functions }) => Object.assign(functions, { putItem: FUNCTIONS.putItem }))
  await world.run({ verb: 'up' })
  const groups = world.auditor.ours().filter(({ kind, key }) => kind === 'log-group' && /eu-west-1/.test(key))
  assert.equal(groups.length, 2)
  for (const one of groups) await world.untagByHand(one)
  world.edit('no putItem', ({ functions }) => delete (functions as Partial<typeof functions>).putItem)
  await world.loseState()
  const { result } = await world.run({ verb: 'state rebuild' })
  const { leftOut } = result as RebuildResult
  const adoptable = leftOut.flatMap(({ address, adoptable }) => (adoptable ? [address] : []))
  assert.equal(leftOut.length, 2)
  assert.deepEqual(adoptable, ['log-group/eu-west-1/health'])
  const said = report(result as RebuildResult, {
    paint: paintFor({}, false),
    program: 'multiregion',
    local: true,
  })
  assert.match(said, /: multiregion up --adopt log-group\/eu-west-1\/health --local\n/)
  assert.match(said, /What cannot be adopted needs its tags back: .*multiregion state rebuild --local\n/)
  assert.equal((await world.run({ verb: 'up', adopt: adoptable })).exit, 0)
  world.mend()
  await world.run({ verb: 'state rebuild' })
  await leavesNothing(world)
})

scenario('a health handler that does not go by its variable is told of at once', async (world) => {
  world.edit('a deaf handler', ({ functions }) =>
    Object.assign(functions.health, { environment: { DEAF: 'yes' } }),
  )
  await world.run({ verb: 'up' })
  const since = Date.now()
  const { error, exit } = await world.run({ verb: 'failover', region: 'us-east-1' })
  assert.equal(exit, 1)
  assert.ok(Date.now() - since < 120_000)
  assert.match(
    error?.message ?? '',
    /us-east-1 keeps its traffic: .* health .*status=404.* answers 200 all the same/,
  )
  assert.match(error?.hint ?? '', /this undoes it: multiregion failback --region us-east-1$/)
  assert.equal((await world.run({ verb: 'failback', region: 'us-east-1' })).exit, 0)
  await leavesNothing(world)
})

scenario('a switch that did not come about names the whole command that undoes it', async (world) => {
  await world.run({ verb: 'up' })
  await world.run({ verb: 'failover', region: 'us-east-1' })
  world.fault({ kind: 'error', region: 'us-east-1', service: 'dynamodb', plane: 'data' })
  const { error } = await world.run({ verb: 'failback', region: 'us-east-1' })
  assert.equal(error?.code, 'not-moved')
  assert.match(error.hint, /multiregion failover --region us-east-1 undoes it\.$/)
  world.mend()
  await leavesNothing(world)
})

scenario('a failover without proof routes does not speak of an item', async (world) => {
  await world.run({ verb: 'up' })
  const { result } = await world.run({ verb: 'failover', region: 'us-east-1' })
  const { proof } = result as SwitchResult
  assert.deepEqual(
    proof.checks.map(({ what }) => what),
    ['the health route answers a client near us-east-1'],
  )
  await leavesNothing(world)
})

scenario('the last region that serves is not drained: the other is, or is out', async (world) => {
  await world.run({ verb: 'up' })
  const refused = async () => {
    const { error, mutatingCalls } = await world.run({ verb: 'failover', region: 'us-east-1' })
    assert.equal(error?.code, 'last-region')
    assert.equal(mutatingCalls, 0)
  }
  await world.run({ verb: 'failover', region: 'eu-west-1' })
  await refused()
  await world.run({ verb: 'failback', region: 'eu-west-1' })
  world.fault({ kind: 'region-out', region: 'eu-west-1' })
  await refused()
  world.mend()
  await leavesNothing(world)
})
