// What `up` says to try next is what the config has.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UpResult } from '../../src/commands/result.js'
import { paintFor } from '../../src/ui/paint.js'
import { report } from '../../src/ui/report.js'

const result = (examples: UpResult['examples']) =>
  ({
    verb: 'up',
    ...{ schemaVersion: 1, stack: 's', changed: false, created: [], updated: [], removed: [] },
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
  const onAws = report(result(examples), { paint, program })
  assert.match(
    onAws,
    /^ {2}curl -X PUT -d '\{"no":"7","id":"7","name":"x"\}' https:\/\/a\.example\.com\/order$/m,
  )
  assert.match(onAws, /^ {2}curl https:\/\/a\.example\.com\/order\/7$/m)
  const local = { edgeUrl: 'http://127.0.0.1:1', caFile: 'ca' }
  const here = report(result(examples), { paint, program, local })
  assert.match(here, /curl -X PUT -H 'x-client-location: eu-west-1' -d .* http:\/\/127\.0\.0\.1:1\/order$/m)
  assert.match(here, /curl -H 'x-client-location: us-east-1' http:\/\/127\.0\.0\.1:1\/order\/7$/m)
})

test('without a proof it is the health route', () => {
  const text = report(result([{ method: 'GET', path: '/pulse' }]), { paint, program })
  assert.match(text, /^ {2}curl https:\/\/a\.example\.com\/pulse$/m)
})
