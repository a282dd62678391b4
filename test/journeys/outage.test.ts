// A region whose APIs do not answer: `up` finishes the others and says partial, `status` and `plan` do not hang on it,
// and the next `up` completes it. A proxy in front of the local cloud plays the outage.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { StatusResult, UpResult } from '../../src/commands/result.js'
import type { LocalStatus } from '../../src/local/door.js'
import { type FrontProxy, Project, proxyTo } from './project.js'

const UP = 'eu-west-1'
const DOWN = 'ap-south-1'

let project: Project
let proxy: FrontProxy
/** Counts what the region in outage was asked. */
let refused = 0
let outage = true

before(async () => {
  project = new Project()
  project.edit((config) => {
    config.regions = [UP, DOWN]
  })
  assert.equal((await project.run('local', 'start', '--profile', 'instant')).code, 0)
  const { endpointUrl } = JSON.parse((await project.run('local', 'status', '--json')).stdout) as LocalStatus
  proxy = await proxyTo(endpointUrl, ({ region }) => {
    const refuses = outage && region === DOWN
    if (refuses) refused++
    return refuses
  })
})
after(async () => {
  proxy.close()
  await project.remove()
})

test('up finishes the region that answers, leaves the other out of DNS, and exits 3', async () => {
  const { code, stderr, stdout } = await project.runWith(
    { AWS_ENDPOINT_URL: proxy.url },
    'up',
    '--local',
    '--yes',
    '--json',
  )
  assert.equal(code, 3, stderr)
  assert.ok(refused > 0)
  assert.match(stderr, /ap-south-1 does not answer; the other regions go on/)
  assert.match(JSON.parse(stdout).error.message, /ap-south-1/)
  const status = await project.json<StatusResult>('status', '--local')
  assert.equal(status.regions[UP]?.serving, true)
  assert.equal(status.regions[DOWN]?.serving, false)
  assert.deepEqual(status.dns.answers, { [UP]: UP, [DOWN]: UP })
})

test('status tells the truth while the region does not answer', async () => {
  const { code, stdout } = await project.runWith(
    { AWS_ENDPOINT_URL: proxy.url },
    'status',
    '--local',
    '--json',
  )
  assert.equal(code, 0)
  const { regions, resources } = JSON.parse(stdout) as StatusResult
  assert.equal(regions[UP]?.serving, true)
  assert.equal(resources.find(({ address }) => address === `certificate/${DOWN}`)?.state, 'unknown')
  assert.equal(resources.find(({ address }) => address === `certificate/${UP}`)?.state, 'ready')
})

test('once it answers again, up completes it', async () => {
  outage = false
  const up = await project.json<UpResult>('up', '--local', '--yes')
  assert.ok(up.created.includes(`rest-api/${DOWN}`))
  assert.ok(!up.created.includes(`rest-api/${UP}`))
  assert.equal(up.proof?.ok, true)
  const status = await project.json<StatusResult>('status', '--local')
  assert.deepEqual(status.dns.answers, { [UP]: UP, [DOWN]: DOWN })
})

test('with the home region out, status calls what it cannot see unknown, and the rest serves', async () => {
  assert.equal((await project.run('local', 'fault', 'add', 'region-out', '--region', UP)).code, 0)
  const { regions, resources } = await project.json<StatusResult>('status', '--local')
  assert.equal(regions[UP]?.serving, false)
  assert.equal(regions[DOWN]?.serving, true)
  const odd = resources.filter(({ state }) => state !== 'ready' && state !== 'unknown')
  assert.deepEqual(odd, [])
  const stateOf = (address: string) => resources.find((one) => one.address === address)?.state
  assert.deepEqual(
    [stateOf(`table/${UP}`), stateOf(`stage/${UP}`), stateOf(`stage/${DOWN}`), stateOf(`role/${UP}/health`)],
    ['unknown', 'unknown', 'ready', 'ready'],
  )
  assert.equal((await project.run('local', 'fault', 'clear', '--all')).code, 0)
  assert.deepEqual((await project.json<UpResult>('up', '--local', '--yes')).created, [])
})
