// API Gateway's own way to Lambda under faults: only those that name Lambda meet it, and what it hears.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWorld } from '../../../src/local/create-world.js'
import { openFaults } from '../../../src/local/fault/faults.js'
import { faultyLambda } from '../../../src/local/fault/faulty-lambda.js'

const world = createWorld({ dataDir: '/nowhere', scale: 1, profile: 'instant', seed: 1 })
const faults = openFaults(world, () => ({ lambda: ['Invoke', 'CreateFunction'] }))
let invoked = 0
const lambda = faultyLambda(
  {
    invokeForApi: async () => {
      invoked++
      return { payload: '{}' }
    },
  },
  faults,
)
const functionArn = 'arn:aws:lambda:eu-west-1:000000000000:function:one'
const invoke = () => lambda.invokeForApi({ functionArn, sourceArn: '', payload: '{}' })

test('a fault of the region, or of all, is met at the door of the API, not here again', async () => {
  faults.add({ kind: 'throttle' })
  faults.add({ kind: 'region-out', region: 'eu-west-1' })
  faults.add({ kind: 'throttle', service: 'lambda', region: 'us-east-1' })
  faults.add({ kind: 'throttle', service: 'lambda', operation: 'CreateFunction' })
  assert.deepEqual(await invoke(), { payload: '{}' })
  faults.clear()
})

test('one that names Lambda: throttled, failed, without an answer', async () => {
  const before = invoked
  faults.add({ kind: 'throttle', service: 'lambda', count: 1 })
  await assert.rejects(invoke(), { code: 'TooManyRequestsException', status: 429 })
  faults.add({ kind: 'error', service: 'lambda', count: 1 })
  await assert.rejects(invoke(), { code: 'ServiceException', status: 500 })
  faults.add({ kind: 'reset', service: 'lambda', count: 1 })
  await assert.rejects(invoke(), { name: 'NoAnswer' })
  assert.equal(invoked, before)
  faults.add({ kind: 'error', service: 'lambda', after: true, count: 1 })
  await assert.rejects(invoke(), { code: 'ServiceException' })
  assert.equal(invoked, before + 1)
  faults.clear()
})

test('a black hole holds it until it is mended', async () => {
  const { id } = faults.add({ kind: 'black-hole', service: 'lambda' })
  let ended = false
  const held = assert.rejects(invoke(), { name: 'NoAnswer' }).then(() => {
    ended = true
  })
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(ended, false)
  faults.clear(id)
  await held
})
