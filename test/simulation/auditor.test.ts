// The auditor sees what it is there for: each test breaks one promise on purpose, in the world or behind the tool's back,
// and the invariant of that promise must be the one that is named.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { machine } from '../../src/base/world.js'
import { readState, StateFile } from '../../src/state/file.js'
import { Violation } from './auditor.js'
import { FUNCTIONS } from './config.js'
import { simulate } from './life.js'
import { converges, isWhole, leavesNothing } from './liveness.js'
import type { Simulation } from './simulation.js'

/** The invariant that a story breaks. */
async function broken(story: (world: Simulation) => Promise<void>): Promise<string> {
  const { violation, trace } = await simulate({ seed: 1 }, story)
  assert.ok(violation instanceof Violation, `${violation?.stack}\n${trace.join('\n')}`)
  return violation.invariant
}

test('a quiet life breaks none', async () => {
  const { violation } = await simulate({ seed: 1 }, async (world) => {
    await converges(world)
    await leavesNothing(world)
  })
  assert.equal(violation, undefined)
})

test('1: a call whose intent is only in memory', async () => {
  const invariant = await broken(async (world) => {
    // A disk that says yes and keeps nothing.
    const { disk } = world.computer
    const files = disk.files.bind(disk)
    disk.files = (step) => ({
      ...files(step),
      sync: async () => undefined,
      syncFolder: async () => undefined,
    })
    await world.run({ verb: 'up' })
  })
  assert.equal(invariant, '1 intent before call')
})

test('2: one more of what there should be one of', async () => {
  const invariant = await broken(async (world) => {
    await world.run({ verb: 'up' })
    // Made as a command would: nobody told the auditor of hands.
    await world.hands.make('rest api', world.config, 'eu-west-1')
    isWhole(world)
  })
  assert.equal(invariant, '2 one of each')
})

test('3: what is in no state and carries no mark', async () => {
  const invariant = await broken(async (world) => {
    await world.hands.make('log group', world.config, 'eu-west-1')
    await world.run({ verb: 'plan' })
  })
  assert.equal(invariant, '3 reachable')
})

for (const [what, deed] of [
  ['changed', 'alter'],
  ['removed', 'remove'],
] as const)
  test(`4: what belongs to somebody else is ${what}`, async () => {
    const invariant = await broken(async (world) => {
      await world.makeByHand('log group', 'us-east-1')
      const [one] = world.auditor.foreign()
      await world.hands[deed](one!)
      await world.run({ verb: 'plan' })
    })
    assert.equal(invariant, '4 foreign')
  })

test('6: a state that cannot be read, and one that is older than it was', async () => {
  for (const harm of ['torn', 'older'] as const) {
    const invariant = await broken(async (world) => {
      const { disk } = world.computer
      await world.run({ verb: 'up' })
      const before = disk.read(world.stateFile)!
      world.edit('memory', ({ functions }) => Object.assign(functions.health, { memoryMb: 256 }))
      await world.run({ verb: 'up' })
      disk.put(world.stateFile, harm === 'torn' ? before.slice(0, 100) : before)
      await world.run({ verb: 'plan' })
    })
    assert.equal(invariant, '6 state', harm)
  }
})

test('6: a state that a command has lost', async () => {
  const invariant = await broken(async (world) => {
    const { disk } = world.computer
    await world.run({ verb: 'up' })
    const files = disk.files.bind(disk)
    disk.files = (step) => {
      const real = files(step)
      const readFile = (file: string) => real.readFile(file).finally(() => disk.drop(file))
      return { ...real, readFile }
    }
    await world.run({ verb: 'plan' })
  })
  assert.equal(invariant, '6 state')
})

test('7: a run gives up the lock of another', async () => {
  const invariant = await broken(async (world) => {
    const { disk } = world.computer
    const files = disk.files.bind(disk)
    disk.files = (step) => {
      const real = files(step)
      let mine = ''
      // Another takes the place while this run works, and what it reads says that it is its own still.
      const link = async (from: string, to: string) => {
        await real.link(from, to)
        mine = disk.read(to)!
        disk.put(to, JSON.stringify({ ...JSON.parse(mine), nonce: 'another', host: 'elsewhere' }))
      }
      return {
        ...real,
        link,
        readFile: async (file) => (file.endsWith('.lock') ? mine : real.readFile(file)),
      }
    }
    await world.run({ verb: 'up' })
  })
  assert.equal(invariant, '7 nonce')
})

test('7: the lease of a living run is freed', async () => {
  const invariant = await broken(async (world) => {
    world.edit('share', (written) => Object.assign(written, { state: { backend: 'global-table' } }))
    await world.run({ verb: 'up' })
    const engine = world.cloud.wiring.engines.get('eu-west-1')!
    setTimeout(() => {
      // Who holds it is said to be somebody else.
      const lock = engine.all('shop-dev-control').find(({ pk }) => pk?.S === 'lock')!
      const holder = { ...JSON.parse(lock.holder!.S as string), host: 'elsewhere' }
      const Item = { ...lock, holder: { S: JSON.stringify(holder) } }
      void engine.call('PutItem', { TableName: 'shop-dev-control', Item })
    }, 1000)
    world.edit('memory', ({ functions }) => Object.assign(functions.health, { memoryMb: 256 }))
    await world.run({ verb: 'up' })
  })
  assert.equal(invariant, '7 nonce')
})

test('8: a record that leads to a check that is gone', async () => {
  const invariant = await broken(async (world) => {
    await world.run({ verb: 'up' })
    await world.hands.remove(world.auditor.ours().find(({ kind }) => kind === 'health-check')!)
    isWhole(world)
  })
  assert.equal(invariant, '8 checked records')
})

test('9: no region is left undrained', async () => {
  const invariant = await broken(async (world) => {
    await world.run({ verb: 'up' })
    await world.run({ verb: 'failover', region: 'eu-west-1', forceLast: true })
    await world.run({ verb: 'failover', region: 'us-east-1', forceLast: true })
  })
  assert.equal(invariant, '9 undrained')
})

test('10: a region is drained that nobody drained', async () => {
  const invariant = await broken(async (world) => {
    await world.run({ verb: 'up' })
    // By somebody of whom the auditor does not hear.
    const unheard = { leaving: () => undefined, trace: () => undefined }
    await world.computer.run({ verb: 'failover', region: 'eu-west-1' }, unheard)
    await world.run({ verb: 'plan' })
  })
  assert.equal(invariant, '10 drains')
})

test('14: a secret in the state', async () => {
  const invariant = await broken(async (world) => {
    const { secretAccessKey } = world.computer.credentials
    world.edit('a variable', ({ functions }) =>
      Object.assign(functions.health, { environment: { COLOR: secretAccessKey } }),
    )
    await world.run({ verb: 'up' })
  })
  assert.equal(invariant, '14 secrets')
})

test('15: the state goes while something is left', async () => {
  const invariant = await broken(async (world) => {
    await world.run({ verb: 'up' })
    // A state that has forgotten everything, and whose it was.
    const files = { files: world.computer.disk.files(async () => undefined) }
    const here = { ...machine, ...files, processes: { ...machine.processes, isGone: () => true } }
    const state = (await readState(world.stateFile, here))!
    await new StateFile(world.stateFile, state, here).save({ ...state, lineage: randomUUID(), entries: {} })
    await world.run({ verb: 'down' })
  })
  assert.equal(invariant, '15 state goes last')
})

test('16: a cloud that never answers', async () => {
  const invariant = await broken(async (world) => {
    world.fault({ kind: 'error', service: 'lambda', operation: 'CreateFunction' })
    await converges(world)
  })
  assert.equal(invariant, '16 up converges')
})

test('17: a cloud that lets nothing go', async () => {
  const invariant = await broken(async (world) => {
    await world.run({ verb: 'up' })
    world.fault({ kind: 'error', service: 'lambda', operation: 'DeleteFunction' })
    await leavesNothing(world)
  })
  assert.equal(invariant, '17 down leaves nothing')
})

test('19: replicas that differ', async () => {
  const invariant = await broken(async (world) => {
    await world.run({ verb: 'up' })
    const engine = world.cloud.wiring.engines.get('eu-west-1')!
    await engine.call('PutItem', { TableName: 'Items', Item: { id: { N: '1' } } })
    await converges(world)
  })
  assert.equal(invariant, '19 replicas')
})

test('19: an acknowledged write that is nowhere', async () => {
  const invariant = await broken(async (world) => {
    world.edit('putItem', ({ functions }) => Object.assign(functions, { putItem: FUNCTIONS.putItem }))
    await world.run({ verb: 'up' })
    await world.writeItem('eu-west-1', 1)
    await world.pass(10)
    for (const engine of world.cloud.wiring.engines.values())
      await engine.call('DeleteItem', { TableName: 'Items', Key: { id: { N: '1' } } })
    await converges(world)
  })
  assert.equal(invariant, '19 writes')
})
