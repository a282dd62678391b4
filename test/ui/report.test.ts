// What `up` says to try next is what the config has.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UpResult } from '../../src/commands/result.js'
import { paintFor } from '../../src/ui/paint.js'
import { report } from '../../src/ui/report.js'

const result = (examples: UpResult['examples']) =>
  ({
    verb: 'up',
    ...{ schemaVersion: 1, stack: 's', changed: false, created: [], adopted: [], updated: [], removed: [] },
    ...{ calls: { total: 1, mutating: 0 }, seconds: 1, regions: ['eu-west-1', 'us-east-1'], drained: [] },
    ...{ url: 'https://a.example.com', proof: null, monthlyCost: 1, examples },
  }) as const

const paint = paintFor({}, false)
const program = 'multiregion'

test('the requests to try are those of its routes', () => {
  const examples = [
    { method: 'PUT', path: '/order', body: { no: '7', id: '7', name: 'x' } },
    { method: 'GET', path: '/order/7' },
  ]
  const onAws = report(result(examples), { paint, program, local: false })
  assert.match(
    onAws,
    /^ {2}curl -X PUT -d '\{"no":"7","id":"7","name":"x"\}' https:\/\/a\.example\.com\/order$/m,
  )
  assert.match(onAws, /^ {2}curl https:\/\/a\.example\.com\/order\/7$/m)
  const edge = { edgeUrl: 'http://127.0.0.1:1', caFile: 'ca' }
  const here = report(result(examples), { paint, program, local: true, edge })
  assert.match(here, /curl -X PUT -H 'x-client-location: eu-west-1' -d .* http:\/\/127\.0\.0\.1:1\/order$/m)
  assert.match(here, /curl -H 'x-client-location: us-east-1' http:\/\/127\.0\.0\.1:1\/order\/7$/m)
})

test('without a proof it is the health route', () => {
  const text = report(result([{ method: 'GET', path: '/pulse' }]), { paint, program, local: false })
  assert.match(text, /^ {2}curl https:\/\/a\.example\.com\/pulse$/m)
})

test('after a takeover on the local cloud the next command is one for the local cloud', () => {
  const takeover = {
    verb: 'state takeover',
    schemaVersion: 1,
    stack: 's',
    from: 'eu-west-1',
    to: 'us-east-1',
    changed: true,
    serial: 3,
    forced: false,
  } as const
  assert.match(report(takeover, { paint, program, local: true }), /^next: multiregion plan --local$/m)
  assert.match(report(takeover, { paint, program, local: false }), /^next: multiregion plan$/m)
})
