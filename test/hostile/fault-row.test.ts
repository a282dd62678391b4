// Faults of the surroundings in the middle of a run, in the simulated world: a disk that fills up or turns read-only,
// credentials that expire, a state of another partition. What is saved is saved, no call leaves without its intent on disk,
// the error says what to do, and the same command goes on.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import {
  type ChangeAction,
  ChangeResourceRecordSetsCommand,
  ListHostedZonesByNameCommand,
} from '@aws-sdk/client-route-53'
import type { HttpRequest, HttpResponse } from '@smithy/types'
import type { PlanResult } from '../../src/commands/result.js'
import { ZONE } from '../simulation/config.js'
import { clientsOfHands } from '../simulation/hands.js'
import { openTwoStacks, type TwoStacks } from './two-stacks.js'

let world: TwoStacks

before(async () => {
  world = await openTwoStacks()
})
after(() => world.close())
beforeEach(async () => {
  assert.equal((await world.ours.run({ verb: 'down' })).exit, 0)
})

async function goesOn() {
  const { ours } = world
  const up = await ours.run({ verb: 'up' })
  assert.equal(up.exit, 0, up.error?.message)
  assert.deepEqual(((await ours.run({ verb: 'plan' })).result as PlanResult).changes, [])
}

const DISKS = [
  [
    'full',
    20,
    /cannot be (written|made): ENOSPC/,
    /The disk is full: make room on it \(df -h \S+\), then run/,
  ],
  ['full', 300, /cannot be (written|made): ENOSPC/, /The disk is full/],
  ['read-only', 20, /cannot be (written|made): EROFS/, /The disk is read-only/],
  ['read-only', 300, /cannot be (written|made): EROFS/, /The disk is read-only/],
  ['fsync-fails', 300, /cannot be written: EIO/, /Look at the disk/],
] as const

for (const [what, at, says, next] of DISKS)
  test(`a disk that is ${what} from instant ${at} on: no call without its intent, and the next command`, async () => {
    const { ours } = world
    let unsaved = 0
    ours.leaving = () => {
      const state = JSON.parse(ours.computer.disk.read(ours.stateFile) ?? '{"entries":{}}') as {
        entries: Record<string, { intent?: object; superseded?: object }>
      }
      const isOpen = Object.values(state.entries).some(({ intent, superseded }) => intent ?? superseded)
      if (!isOpen) unsaved++
    }
    const { exit, error } = await ours.run({ verb: 'up' }, { at, what })
    ours.leaving = undefined
    ours.computer.disk.fault = undefined
    assert.ok(exit === 1 || exit === 3, `exit ${exit}`)
    assert.match(error!.message, says)
    assert.match(error!.hint, next)
    assert.equal(unsaved, 0)
    await goesOn()
  })

for (const calls of [0, 6, 25])
  test(`credentials that expire after ${calls} mutating calls: saved, with the command to go on`, async () => {
    const { ours, cloud } = world
    const { send } = cloud
    let left = calls
    Object.assign(cloud, {
      send: async (request: HttpRequest) => (left > 0 ? send(request) : expired(request)),
    })
    ours.leaving = () => void left--
    const { exit, error } = await ours.run({ verb: 'up' })
    ours.leaving = undefined
    Object.assign(cloud, { send })
    assert.ok(exit === 1 || exit === 3, `exit ${exit}`)
    assert.match(`${error!.message} ${error!.hint}`, /expired/)
    assert.match(error!.hint, /credentials/)
    assert.deepEqual(
      ours.computer.disk.list().filter((name) => name.endsWith('.lock')),
      [],
    )
    await goesOn()
  })

const WORDS = 'The security token included in the request is expired'

function expired({ headers }: HttpRequest): HttpResponse {
  const service = /Credential=[^/]+\/\d+\/[\w-]+\/([\w-]+)\//.exec(headers.authorization ?? '')?.[1] ?? ''
  const isXml = ['iam', 'sts', 'route53'].includes(service)
  const body = isXml
    ? `<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>${WORDS}</Message></Error></ErrorResponse>`
    : JSON.stringify({ __type: 'ExpiredTokenException', message: WORDS })
  const answer = {
    statusCode: 403,
    headers: {
      'content-type': isXml ? 'text/xml' : 'application/json',
      ...(!isXml && { 'x-amzn-errortype': 'ExpiredTokenException' }),
    },
    body: Buffer.from(body),
  }
  return answer as unknown as HttpResponse
}

test('a state of another partition or account is refused before the first write', async () => {
  const { ours } = world
  await goesOn()
  const state = ours.state()!
  ours.calls.length = 0
  for (const other of [{ partition: 'aws-cn' }, { account: '210987654321' }]) {
    ours.putSealed({ ...state, ...other })
    for (const verb of ['up', 'down', 'plan', 'failover'] as const) {
      const { exit, error } = await ours.run({ verb, region: 'eu-west-1' })
      assert.equal(exit, 1)
      assert.equal(error!.code, 'wrong-account')
      assert.match(
        error!.message,
        /belongs to account \d+ \(aws(-cn)?\), but these credentials are of account \d+ \(aws\)/,
      )
    }
  }
  assert.deepEqual(ours.calls, [])
  ours.putSealed(state)
})

async function changeCaa(Action: ChangeAction, ...values: string[]): Promise<void> {
  const { route53 } = clientsOfHands(world.cloud)('us-east-1')
  await world.happen(async () => {
    const { HostedZones } = await route53.send(new ListHostedZonesByNameCommand({}))
    const ResourceRecords = values.map((Value) => ({ Value }))
    const ResourceRecordSet = { Name: ZONE, Type: 'CAA', TTL: 60, ResourceRecords } as const
    await route53.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: HostedZones![0]!.Id,
        ChangeBatch: { Changes: [{ Action, ResourceRecordSet }] },
      }),
    )
  })
}

const OTHERS = ['0 issue "letsencrypt.org"', '0 iodef "mailto:ops@example.com"']

test('CAA records that let only others sign: refused before the first write, with the record to add', async () => {
  const { ours } = world
  await changeCaa('CREATE', ...OTHERS)
  ours.calls.length = 0
  for (const verb of ['plan', 'up'] as const) {
    const { exit, error } = await ours.run({ verb })
    assert.equal(exit, 1)
    assert.equal(error!.code, 'caa')
    assert.match(error!.message, new RegExp(`at ${ZONE} do not let Amazon sign .*issue "letsencrypt.org"`))
    assert.match(error!.hint, /Add 0 issue "amazon\.com"/)
  }
  assert.deepEqual(ours.calls, [])
  await changeCaa('UPSERT', ...OTHERS, '0 issue "amazon.com; account=1"')
  await goesOn()
  // Certificates that there are go on working until their renewal.
  await changeCaa('UPSERT', '0 issue ";"')
  await goesOn()
  await changeCaa('DELETE', '0 issue ";"')
})
