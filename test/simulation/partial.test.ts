// What a fresh user found: a deploy that came to some regions only, a removal that another region's silence stops, a plan
// that was not all, and a proof that left its item behind.
import assert from 'node:assert/strict'
import { UpdateTableCommand } from '@aws-sdk/client-dynamodb'
import {
  CreateTrafficPolicyInstanceCommand,
  DeleteTrafficPolicyInstanceCommand,
  ListTrafficPoliciesCommand,
} from '@aws-sdk/client-route-53'
import type { HttpRequest } from '@smithy/types'
import type { PlanResult, StatusResult, UpResult } from '../../src/commands/result.js'
import { calledBy } from './called.js'
import { FUNCTIONS, ZONE } from './config.js'
import { clientsOfHands } from './hands.js'
import { converges, leavesNothing } from './liveness.js'
import { scenario } from './story.js'

const REGIONS = { regions: ['eu-west-1', 'us-east-1', 'ap-southeast-2'] }

scenario(
  'code that an up brought to some regions only is told of all of them, and by no wrong name',
  async (world) => {
    await world.run({ verb: 'up' })
    world.edit('code', (_, { code }) => Object.assign(code, { health: 1 }))
    world.fault({ kind: 'service-out', service: 'lambda', region: 'eu-west-1' })
    assert.equal((await world.run({ verb: 'up' })).exit, 3)
    world.mend()
    const { resources } = (await world.run({ verb: 'status' })).result as StatusResult
    const told = resources.filter(({ address }) => address.startsWith('function/'))
    for (const { address, reason } of told) assert.match(reason ?? '', /not the same in all regions/, address)
    const { changes } = (await world.run({ verb: 'plan' })).result as PlanResult
    assert.deepEqual(
      changes.map(({ address }) => address),
      ['function/eu-west-1/health'],
    )
    await converges(world)
    const after = (await world.run({ verb: 'status' })).result as StatusResult
    assert.deepEqual(
      after.resources.filter(({ reason }) => reason),
      [],
    )
  },
  REGIONS,
)

scenario(
  'what down cannot do as another region is silent is given up soon, and that region is named',
  async (world) => {
    await world.run({ verb: 'up' })
    world.fault({ kind: 'service-out', service: 'acm', region: 'us-east-1' })
    const began = Date.now()
    const { error } = await world.run({ verb: 'down' })
    assert.ok(Date.now() - began < 900_000, `${(Date.now() - began) / 1000} s`)
    assert.match(`${error?.message} ${error?.hint}`, /acm.* in us-east-1/)
    assert.doesNotMatch(error?.hint ?? '', /go on waiting/)
    world.mend()
    await leavesNothing(world)
  },
)

scenario('the plan of a function more has all that up then does', async (world) => {
  await world.run({ verb: 'up' })
  world.edit('a function more', ({ functions }) => Object.assign(functions, { getItem: FUNCTIONS.getItem }))
  const { changes } = (await world.run({ verb: 'plan' })).result as PlanResult
  const planned = new Set(changes.map(({ address }) => address))
  const { created, updated } = (await world.run({ verb: 'up' })).result as UpResult
  const done = [...created, ...updated].filter((address) => !planned.has(address))
  assert.deepEqual(done, [])
})

scenario('a status tells that the config is another one than the last up worked with', async (world) => {
  const isChanged = async () => ((await world.run({ verb: 'status' })).result as StatusResult).configChanged
  await world.run({ verb: 'up' })
  assert.equal(await isChanged(), false)
  world.edit('what no resource shows', (written) => Object.assign(written, { state: { leaseSeconds: 77 } }))
  assert.equal(await isChanged(), true)
  await world.run({ verb: 'plan' })
  assert.equal(await isChanged(), true)
  assert.equal((await world.run({ verb: 'up' })).mutatingCalls, 0)
  assert.equal(await isChanged(), false)
  world.edit('the retention', (written) => Object.assign(written, { logs: { retentionDays: 7 } }))
  await world.loseState()
  await world.run({ verb: 'state rebuild' })
  assert.equal(await isChanged(), false, 'nobody knows')
})

scenario('a run whose lock was freed by hand stops, and says so', async (world) => {
  const file = `${world.stateFile}.lock`
  setTimeout(() => world.computer.disk.drop(file), 12_000)
  const { error, mutatingCalls } = await world.run({ verb: 'up' })
  assert.equal(error?.code, 'locked')
  assert.match(error?.message ?? '', /lost the lock .* freed by hand/)
  const whole = await world.run({ verb: 'up' })
  assert.equal(whole.exit, 0)
  assert.ok(mutatingCalls > 0 && whole.mutatingCalls > 0, 'it stopped in the middle')
  await converges(world)
})

scenario('a down whose lock was freed by hand in its last look leaves the state', async (world) => {
  await world.run({ verb: 'up' })
  const { send } = world.cloud
  let removed = false
  const cut = (request: HttpRequest) => {
    const { name } = calledBy(request)
    if (name.startsWith('dynamodb:DeleteTable')) removed = true
    if (removed && name === 'iam:ListRoles') world.computer.disk.drop(`${world.stateFile}.lock`)
    return send(request)
  }
  Object.assign(world.cloud, { send: cut })
  const { error } = await world.run({ verb: 'down' })
  Object.assign(world.cloud, { send })
  assert.equal(error?.code, 'locked')
  assert.ok(world.hasState)
  assert.equal((await world.run({ verb: 'down' })).exit, 0)
  await converges(world)
})

scenario('what others hung on something of ours is named before anything goes', async (world) => {
  await world.run({ verb: 'up' })
  const at = clientsOfHands(world.cloud)('eu-west-1')
  const ReplicaUpdates = [{ Create: { RegionName: 'ap-southeast-2' } }]
  await at.dynamodb.send(new UpdateTableCommand({ TableName: world.config.table.name, ReplicaUpdates }))
  const { TrafficPolicySummaries: [policy] = [] } = await at.route53.send(new ListTrafficPoliciesCommand({}))
  const record = await at.route53.send(
    new CreateTrafficPolicyInstanceCommand({
      HostedZoneId: world.hands.zoneId,
      Name: `theirs.${ZONE}`,
      TTL: 60,
      TrafficPolicyId: policy!.Id,
      TrafficPolicyVersion: 1,
    }),
  )
  await world.pass(120)
  world.auditor.handsWereHere()
  const { notes } = await world.run({ verb: 'plan' })
  assert.match(
    notes.join('\n'),
    /table\/eu-west-1 is used by its replica in ap-southeast-2, which this stack did/,
  )
  const both = await world.run({ verb: 'down' })
  assert.equal(both.error?.code, 'foreign-resource')
  assert.match(both.error.message, /table\/eu-west-1 is used by its replica in ap-southeast-2/)
  assert.match(
    both.error.message,
    /traffic-policy\/eu-west-1 is used by the policy record theirs\.example\.com/,
  )
  assert.equal(both.mutatingCalls, 0)
  const { Id } = record.TrafficPolicyInstance!
  await at.route53.send(new DeleteTrafficPolicyInstanceCommand({ Id }))
  world.auditor.handsWereHere()
  const one = await world.run({ verb: 'down' })
  assert.match(`${one.error?.message} ${one.error?.hint}`, /ap-southeast-2.* down --keep-data/s)
  assert.equal((await world.run({ verb: 'down', keepData: true })).exit, 0)
})

scenario('a down with a state that is older than a region finds what stands there', async (world) => {
  await world.run({ verb: 'up' })
  const old = world.computer.disk.read(world.stateFile)!
  world.edit('a region more', ({ regions }) => regions.push('ap-southeast-2'))
  await world.run({ verb: 'up' })
  world.auditor.stateWasHarmed()
  world.computer.disk.put(world.stateFile, old)
  assert.equal((await world.run({ verb: 'down' })).exit, 0)
  assert.deepEqual(world.left(), [])
})

scenario('rights that somebody gave a role are seen, and taken away', async (world) => {
  await world.run({ verb: 'up' })
  const role = world.auditor.ours().find(({ kind }) => kind === 'role')!
  await world.alterByHand(role)
  const { changes } = (await world.run({ verb: 'plan' })).result as PlanResult
  assert.deepEqual(
    changes.map(({ fields }) => fields),
    [[{ field: 'otherPolicies', from: ['by-hand'], to: [] }]],
  )
  await converges(world)
})

scenario('the items of a proof go where the table has a sort key, too', async (world) => {
  world.edit('a table with a sort key', (written) => {
    written.table.sortKey = { name: 'version', type: 'S' }
    written.proof = { write: 'POST /item', read: 'GET /item/{itemId}' }
    for (const [key, one] of Object.entries(FUNCTIONS))
      written.functions[key] = { ...one, environment: { SORT_KEY: 'version' } }
  })
  const { result, error } = await world.run({ verb: 'up', proof: true })
  assert.equal(error, undefined)
  assert.equal((result as UpResult).proof?.ok, true)
  for (const [region, engine] of world.cloud.wiring.engines)
    assert.deepEqual(engine.all(world.config.table.name) ?? [], [], region)
})
