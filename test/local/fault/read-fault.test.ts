// Faults that make no sense are refused with what would, and nothing is kept of them. What the others do is told by the
// tests beside this file.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createWorld } from '../../../src/local/create-world.js'
import { LocalFailure } from '../../../src/local/failure.js'
import { openFaults } from '../../../src/local/fault/faults.js'
import { FAULT_KINDS, type FaultInput } from '../../../src/local/fault/rule.js'

const SERVED = { dynamodb: ['PutItem', 'CreateTable'], route53: ['CreateHostedZone'] }
const world = createWorld({ dataDir: '/nowhere', scale: 1, profile: 'instant', seed: 1 })
const faults = openFaults(world, () => SERVED)

const refused: readonly [fault: object, message: RegExp, hint: RegExp][] = [
  [{ kind: 'slow' }, /slow is no kind/, /throttle, error, lost/],
  [{ kind: 'throttle', after: true }, /throttle takes no --after/, /--plane, --region/],
  [{ kind: 'throttle', latencyMs: 5 }, /throttle takes no --latency/, /--for/],
  [{ kind: 'region-out' }, /needs --region/, /region-out --region eu-west-1/],
  [{ kind: 'service-out', region: 'eu-west-1' }, /needs --service/, /--service dynamodb/],
  [{ kind: 'latency' }, /needs --latency/, /--latency 200ms/],
  [{ kind: 'replication-lag' }, /needs --seconds/, /--seconds 30/],
  [{ kind: 'throttle', region: 'eu-west-9' }, /--region eu-west-9 is no region/, /eu-west-1/],
  [{ kind: 'replication-paused', from: 'mars' }, /--from mars/, /eu-west-1/],
  [{ kind: 'replication-paused', from: 'eu-west-1', to: 'eu-west-1' }, /to itself/, /two regions/],
  [{ kind: 'throttle', service: 's3' }, /--service s3 is not served/, /dynamodb, route53, execute-api/],
  [
    { kind: 'throttle', operation: 'put-item' },
    /the services here serve no such operation/,
    /Did you mean PutItem/,
  ],
  [{ kind: 'throttle', service: 'route53', operation: 'PutItem' }, /route53 serves no such/, /table in/],
  [{ kind: 'throttle', plane: 'control', operation: 'PutItem' }, /not on the control plane/, /--plane/],
  [{ kind: 'throttle', plane: 'control', service: 'execute-api' }, /no control plane/, /--plane/],
  [{ kind: 'throttle', plane: 'data', service: 'route53' }, /no data plane/, /--plane/],
  [{ kind: 'throttle', plane: 'both' }, /--plane both/, /Leave it out/],
  [{ kind: 'region-out', region: 'eu-west-1', how: 'softly' }, /--how softly/, /refuse/],
  [{ kind: 'throttle', count: 0 }, /--count 0/, /--count 3/],
  [{ kind: 'throttle', count: 1e20 }, /--count 100000000000000000000 is not a number/, /--count 3/],
  [{ kind: 'throttle', forSeconds: 0 }, /--for 0 is too short/, /90s/],
  [{ kind: 'throttle', forSeconds: 1e9 }, /--for 1000000000 is too long/, /90s/],
  [{ kind: 'throttle', count: 1.5 }, /--count 1.5/, /--count 3/],
  [{ kind: 'throttle', rate: 0 }, /--rate 0/, /0\.2/],
  [{ kind: 'throttle', rate: 20 }, /--rate 20/, /0\.2/],
  [{ kind: 'throttle', forSeconds: -1 }, /--for -1/, /90s/],
  [{ kind: 'throttle', forSeconds: 1e12 }, /--for 1000000000000/, /90s/],
  [{ kind: 'latency', latencyMs: 1e9 }, /--latency/, /200ms/],
  [{ kind: 'error', status: 404 }, /--status 404/, /500/],
  [{ kind: 'error', after: 'yes' }, /--after/, /--help/],
]

describe('refused', () => {
  for (const [fault, message, hint] of refused)
    test(JSON.stringify(fault), () => {
      assert.throws(
        () => faults.add(fault as FaultInput),
        (error) => {
          assert.ok(error instanceof LocalFailure)
          assert.match(error.message, message)
          assert.match(error.hint, hint)
          return true
        },
      )
      assert.deepEqual(faults.list(), [])
    })

  test('the hundred and first, and one that is not there', () => {
    for (let n = 0; n < 100; n++) faults.add({ kind: 'throttle' })
    assert.throws(() => faults.add({ kind: 'throttle' }), /100 faults already/)
    assert.throws(() => faults.clear('no'), /There is no fault no/)
    assert.equal(faults.clear('7'), 1)
    assert.equal(faults.clear(), 99)
    assert.equal(faults.clear(), 0)
  })
})

test('every kind is taken, with what it needs and no more', () => {
  const needs: Partial<Record<string, Partial<FaultInput>>> = {
    latency: { latencyMs: 1 },
    'region-out': { region: 'eu-west-1' },
    'service-out': { service: 'dynamodb' },
    'replication-lag': { seconds: 1 },
  }
  for (const kind of FAULT_KINDS) {
    const { active, hits } = faults.add({ kind, ...needs[kind] })
    assert.deepEqual({ active, hits }, { active: true, hits: 0 }, kind)
  }
  assert.equal(faults.clear(), FAULT_KINDS.length)
})
