// Which hosted zone is the domain's, among pages of zones as Route 53 sends them: the longest public one; none, two, or a
// private one only is said.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Route53Client } from '@aws-sdk/client-route-53'
import type { HttpRequest } from '@smithy/types'
import { findZone } from '../../src/commands/zone.js'
import type { Config } from '../../src/config/schema.js'

interface Listed {
  readonly id: string
  readonly name: string
  readonly isPrivate?: boolean
}

/** AWS: the listing goes by the labels from the last to the first, from the name on; zones of one name by id. */
function accountWith(zones: readonly Listed[]): Route53Client {
  const key = ({ name, id }: Listed) => `${name.split('.').reverse().join('.')} ${id}`
  const sorted = [...zones].sort((a, b) => (key(a) < key(b) ? -1 : 1))
  const named = ({ id, name, isPrivate = false }: Listed) =>
    `<HostedZone><Id>/hostedzone/${id}</Id><Name>${name}.</Name><CallerReference>${id}</CallerReference><Config><PrivateZone>${isPrivate}</PrivateZone></Config></HostedZone>`
  const list = ({ dnsname, hostedzoneid = '' }: Record<string, string>) => {
    const from = key({ name: dnsname!.replace(/\.$/, ''), id: hostedzoneid })
    const [first, next] = sorted.filter((one) => key(one) >= from)
    const more = next
      ? `<IsTruncated>true</IsTruncated><NextDNSName>${next.name}.</NextDNSName><NextHostedZoneId>${next.id}</NextHostedZoneId>`
      : '<IsTruncated>false</IsTruncated>'
    return `<ListHostedZonesByNameResponse><HostedZones>${first ? named(first) : ''}</HostedZones>${more}<MaxItems>1</MaxItems></ListHostedZonesByNameResponse>`
  }
  const one = (id: string) =>
    `<GetHostedZoneResponse>${named(zones.find((zone) => zone.id === id)!)}<DelegationSet><NameServers><NameServer>NS-1.awsdns-01.com.</NameServer></NameServers></DelegationSet></GetHostedZoneResponse>`
  const answer = ({ path, query }: HttpRequest) =>
    path.endsWith('byname') ? list(query as Record<string, string>) : one(path.split('/').at(-1)!)
  return new Route53Client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'x' },
    requestHandler: {
      handle: async (request: HttpRequest) => ({
        response: {
          statusCode: 200,
          headers: { 'content-type': 'text/xml' },
          body: Buffer.from(answer(request)),
        },
      }),
    } as never,
  })
}

const config = { domain: 'api.shop.example.com', file: 'config/regions.json' } as Config
const OTHERS: readonly Listed[] = [
  { id: 'ZA', name: 'aaa.com' },
  { id: 'ZZ', name: 'zzz.com' },
]

test('the longest public zone that holds the domain, whatever stands beside it', async () => {
  const account = accountWith([
    ...OTHERS,
    { id: 'Z1', name: 'example.com' },
    { id: 'Z2', name: 'shop.example.com', isPrivate: true },
    { id: 'Z3', name: 'shop.example.com' },
  ])
  const zone = { id: 'Z3', name: 'shop.example.com', nameServers: ['ns-1.awsdns-01.com'] }
  assert.deepEqual(await findZone(config, account), zone)
})

test('two public zones of one name are not guessed between', async () => {
  const account = accountWith([
    { id: 'Z1', name: 'example.com' },
    { id: 'Z2', name: 'example.com' },
  ])
  await assert.rejects(findZone(config, account), /2 public hosted zones named example\.com: Z1, Z2/)
})

test('a private zone is named, as it looks like the one that is sought', async () => {
  const account = accountWith([...OTHERS, { id: 'Z1', name: 'example.com', isPrivate: true }])
  await assert.rejects(findZone(config, account), {
    code: 'no-zone',
    message: /holds api\.shop\.example\.com; example\.com \(Z1\) is private, which the internet does not see/,
  })
  await assert.rejects(findZone(config, accountWith(OTHERS)), { message: /holds api\.shop\.example\.com$/ })
})
