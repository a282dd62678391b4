// The real certificate step under the real loops, against an ACM whose listings, describes and tags lag. The process dies
// at every point, on the way up and down: what is left in the end is exactly one certificate, or none.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ACMClient, type Tag } from '@aws-sdk/client-acm'
import { ForeignResourceError, ImmutableChangeError } from '../../src/base/errors.js'
import type { Node } from '../../src/engine/graph.js'
import { reconcile } from '../../src/engine/reconcile.js'
import { retire } from '../../src/engine/retire.js'
import { certificate } from '../../src/steps/certificate.js'
import { awsError, Disk, died, life, Mortal, World } from './fixture.js'

interface Certificate {
  readonly arn: string
  readonly domain: string
  readonly tags: Tag[]
  readonly token: string
  readonly at: number
}

/** Seconds after a request until each call shows the certificate. */
interface Lags {
  readonly list?: number
  readonly describe?: number
  readonly tags?: number
}

class Acm {
  readonly world = new World()
  certificates: Certificate[] = []
  requests = 0
  inUseUntil = 0
  constructor(readonly lags: Lags = {}) {}

  answer(operation: string, input: Record<string, never>): unknown {
    const now = this.world.clock.now()
    const shown = ({ at }: Certificate, lag = 0) => now - at >= lag
    const named = this.certificates.find(({ arn }) => arn === input.CertificateArn)
    switch (operation) {
      case 'RequestCertificate':
        return { CertificateArn: this.#request(input) }
      case 'ListCertificates':
        return {
          CertificateSummaryList: this.certificates
            .filter((one) => shown(one, this.lags.list))
            .map(({ arn, domain }) => ({ CertificateArn: arn, DomainName: domain })),
        }
      case 'ListTagsForCertificate':
        if (!named) throw awsError('ResourceNotFoundException')
        return { Tags: shown(named, this.lags.tags) ? named.tags : [] }
      case 'DescribeCertificate': {
        if (!named || !shown(named, this.lags.describe)) throw awsError('ResourceNotFoundException')
        // The record is named some seconds after the request.
        const record = shown(named, 7) ? { ResourceRecord: { Name: '_x', Type: 'CNAME', Value: '_y' } } : {}
        return {
          Certificate: {
            DomainName: named.domain,
            Status: 'PENDING_VALIDATION',
            DomainValidationOptions: [record],
          },
        }
      }
      case 'DeleteCertificate':
        if (!named) throw awsError('ResourceNotFoundException')
        if (now < this.inUseUntil) throw awsError('ResourceInUseException', 'it is in use')
        this.certificates = this.certificates.filter((one) => one !== named)
        return {}
      default:
        throw new Error(`the fake has no ${operation}`)
    }
  }

  #request(input: { DomainName?: string; IdempotencyToken?: string; Tags?: Tag[] }): string {
    this.requests++
    const at = this.world.clock.now()
    const { DomainName: domain = '', IdempotencyToken: token = '', Tags: tags = [] } = input
    const again = this.certificates.find((one) => one.token === token && at - one.at < 3600)
    if (again) return again.arn
    const arn = `arn:aws:acm:eu-west-1:123456789012:certificate/${this.requests}`
    this.certificates.push({ arn, domain, tags, token, at })
    return arn
  }
}

const client = new ACMClient({ region: 'eu-west-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } })

/** The SDK's client with the fake in place of the network. */
const clientOf = (acm: Acm, mortal: Mortal): ACMClient =>
  Object.assign(Object.create(client) as ACMClient, {
    send: async (command: { constructor: { name: string }; input: object }) => {
      mortal.point()
      const answer = acm.answer(command.constructor.name.replace(/Command$/, ''), command.input as never)
      mortal.point()
      return answer as never
    },
  })

const node: Node = {
  ...{ step: certificate, site: { region: 'eu-west-1' }, address: 'certificate/eu-west-1', edges: [] },
}
const wanted = { domainName: 'api.example.com' }
const runOf = (acm: Acm, disk: Disk, mortal: Mortal) =>
  life(acm.world, disk, mortal, undefined, { acm: clientOf(acm, mortal) }).run
const up = (acm: Acm, disk: Disk, mortal = new Mortal()) => reconcile(node, wanted, runOf(acm, disk, mortal))
/** `down` walks over what the state knows. */
const down = async (acm: Acm, disk: Disk, mortal = new Mortal()) => {
  if (disk.state.entries[node.address]) await retire(node, runOf(acm, disk, mortal))
}

/** How many points a life has that nothing ends. */
async function pointsOf(work: (mortal: Mortal) => Promise<unknown>): Promise<number> {
  const mortal = new Mortal()
  await work(mortal)
  assert.ok(mortal.points > 0)
  return mortal.points
}

function assertOne(acm: Acm, disk: Disk, what: string) {
  assert.equal(acm.certificates.length, 1, what)
  const { id, settled, intent } = disk.state.entries[node.address]!
  assert.deepEqual(
    { id, settled, intent },
    { id: acm.certificates[0]!.arn, settled: true, intent: undefined },
    what,
  )
}

function assertNone(acm: Acm, disk: Disk, what: string) {
  assert.deepEqual(acm.certificates, [], what)
  assert.deepEqual(disk.state.entries, {}, what)
}

const LAGS: readonly Lags[] = [
  {},
  { list: 20 },
  { list: 100_000 },
  { describe: 8, list: 20 },
  { describe: 30, list: 100_000 },
  { tags: 15, list: 20 },
]

for (const lags of LAGS)
  describe(`with lags of ${JSON.stringify(lags)} s`, () => {
    const points = () => pointsOf((mortal) => up(new Acm(lags), new Disk(), mortal))

    test('up, died at every point, up again: one', async () => {
      for (let k = 0, last = await points(); k < last; k++) {
        const acm = new Acm(lags)
        const disk = new Disk()
        assert.ok(await died(up(acm, disk, new Mortal(k))))
        await up(acm, disk)
        assertOne(acm, disk, `died at ${k}`)
      }
    })

    test('up, died at every point, down: none', async () => {
      for (let k = 0, last = await points(); k < last; k++) {
        const acm = new Acm(lags)
        const disk = new Disk()
        assert.ok(await died(up(acm, disk, new Mortal(k))))
        await down(acm, disk)
        assertNone(acm, disk, `died at ${k}`)
      }
    })

    test('up, died at every point, down, died at every point, down again: none', async () => {
      for (let k = 0, last = await points(); k < last; k++)
        for (let j = 0, dead = true; dead; j++) {
          const acm = new Acm(lags)
          const disk = new Disk()
          await died(up(acm, disk, new Mortal(k)))
          dead = await died(down(acm, disk, new Mortal(j)))
          await down(acm, disk)
          assertNone(acm, disk, `died at ${k} and ${j}`)
        }
    })

    test('a life that stood, down, died at every point, down again: none', async () => {
      for (let j = 0, dead = true; dead; j++) {
        const acm = new Acm(lags)
        const disk = new Disk()
        await up(acm, disk)
        acm.inUseUntil = acm.world.clock.now() + 60
        dead = await died(down(acm, disk, new Mortal(j)))
        await down(acm, disk)
        assertNone(acm, disk, `died at ${j}`)
      }
    })
  })

test('a second run asks for nothing and writes nothing', async () => {
  const acm = new Acm()
  const disk = new Disk()
  await up(acm, disk)
  const { saves } = disk
  await up(acm, disk)
  assert.equal(acm.requests, 1)
  assert.equal(disk.saves, saves)
})

test('one that was deleted by hand is made again, with another token', async () => {
  const acm = new Acm()
  const disk = new Disk()
  await up(acm, disk)
  const [{ token } = { token: '' }] = acm.certificates
  acm.certificates = []
  await up(acm, disk)
  assertOne(acm, disk, 'made again')
  assert.notEqual(acm.certificates[0]!.token, token)
})

test('one of another state of this stack is refused, and nothing is made', async () => {
  const acm = new Acm()
  await up(acm, new Disk())
  const stranger = new Disk()
  await assert.rejects(up(acm, stranger), ForeignResourceError)
  assert.equal(acm.requests, 1)
  assert.deepEqual(stranger.state.entries, {})
})

test("one of somebody else's for the same domain is left alone", async () => {
  const acm = new Acm()
  acm.certificates.push({ arn: 'theirs', domain: wanted.domainName, tags: [], token: 'x', at: 0 })
  const disk = new Disk()
  await up(acm, disk)
  await down(acm, disk)
  assert.deepEqual(
    acm.certificates.map(({ arn }) => arn),
    ['theirs'],
  )
})

test('another domain is an immutable change, and nothing is made', async () => {
  const acm = new Acm()
  const disk = new Disk()
  await up(acm, disk)
  const run = runOf(acm, disk, new Mortal())
  await assert.rejects(reconcile(node, { domainName: 'www.example.com' }, run), (error) => {
    assert.ok(error instanceof ImmutableChangeError)
    assert.match(error.message, /domainName.*api\.example\.com -> www\.example\.com/)
    return true
  })
  assert.equal(acm.requests, 1)
})
