// Questions to a DNS server that behaves well and badly: answers, cut answers with their TCP rest, silence, garbage.
import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import packet, { type Packet } from 'dns-packet'
import { ask, askAny } from '../../src/probe/dns.js'
import { caaOf } from '../../src/probe/network.js'

const answers: packet.Answer[] = [
  { type: 'CNAME', name: 'api.example.com', ttl: 60, data: 'D-1.execute-api.eu-west-1.amazonaws.com.' },
]
/** The datagrams that it sends. */
type Answer = (query: Packet) => readonly Buffer[]
const whole: Answer = ({ id, questions }) => [packet.encode({ type: 'response', id, questions, answers })]
const cut: Answer = ({ id, questions }) => [
  packet.encode({ type: 'response', id, flags: packet.TRUNCATED_RESPONSE, questions }),
]

let byUdp: Answer
let byTcp: (socket: net.Socket, query: Packet) => void
let asked: Packet[] = []

const udp = dgram.createSocket('udp4')
const tcp = net.createServer((socket) => {
  socket.on('error', () => undefined)
  socket.once('data', (data) => byTcp(socket, packet.streamDecode(data)))
})
let server: { address: string; port: number }

before(async () => {
  await once(tcp.listen(0, '127.0.0.1'), 'listening')
  const { port } = tcp.address() as net.AddressInfo
  udp.bind(port, '127.0.0.1')
  await once(udp, 'listening')
  udp.on('message', (message, from) => {
    const query = packet.decode(message)
    asked.push(query)
    for (const answer of byUdp(query)) udp.send(answer, from.port, from.address)
  })
  server = { address: '127.0.0.1', port }
})
after(() => {
  udp.close()
  tcp.close()
})
beforeEach(() => {
  asked = []
})

const question = { name: 'api.example.com', type: 'CNAME' } as const

test('an answer, with names in lower case and without a final dot', async () => {
  byUdp = whole
  assert.deepEqual(await ask(server, question), [
    { name: 'api.example.com', type: 'CNAME', data: 'd-1.execute-api.eu-west-1.amazonaws.com' },
  ])
})

test('who may sign certificates, as a zone file says it', async () => {
  const data = { flags: 128, tag: 'issue', value: 'amazon.com' } as const
  byUdp = ({ id, questions }) => [
    packet.encode({ type: 'response', id, questions, answers: [{ type: 'CAA', name: 'example.com', data }] }),
  ]
  const found = await ask(server, { name: 'example.com', type: 'CAA' })
  assert.deepEqual(found, [{ name: 'example.com', type: 'CAA', data: '128 issue "amazon.com"' }])
  assert.deepEqual(caaOf(found), [{ tag: 'issue', value: 'amazon.com', critical: true }])
})

test('the client subnet goes with the question', async () => {
  byUdp = whole
  await ask(server, { ...question, clientSubnet: '203.0.113.0/24' })
  const [opt] = asked[0]!.additionals as unknown as {
    options: { code: number; ip: string; sourcePrefixLength: number }[]
  }[]
  assert.deepEqual(
    opt!.options.map(({ ip, sourcePrefixLength }) => [ip, sourcePrefixLength]),
    [['203.0.113.0', 24]],
  )
})

test('an answer that is cut is asked for again over TCP', async () => {
  byUdp = cut
  byTcp = (socket, query) => {
    const bytes = packet.streamEncode({ type: 'response', id: query.id, questions: query.questions, answers })
    socket.write(bytes.subarray(0, 5))
    setTimeout(() => socket.end(bytes.subarray(5)), 20)
  }
  assert.equal((await ask(server, question)).length, 1)
})

test('a TCP server that ends early or talks nonsense is an error, not a hang and not a crash', async () => {
  byUdp = cut
  byTcp = (socket) => socket.end()
  await assert.rejects(ask(server, question), /ended before its answer/)
  byTcp = (socket) => socket.end(Buffer.from([0, 30, ...Array(30).fill(0xff)]))
  await assert.rejects(ask(server, question))
})

test('nonsense over UDP is an error; an answer to another question is passed over', async () => {
  byUdp = (query) => {
    const header = Buffer.alloc(20, 0xff)
    header.writeUInt16BE(query.id!)
    return [header]
  }
  await assert.rejects(ask(server, question))
  const other = (query: Packet): Packet => ({ ...query, id: (query.id! + 1) % 65_536, questions: [] })
  byUdp = (query) => [Buffer.from('?'), ...cut(other(query)), ...whole(query)]
  assert.equal((await ask(server, question)).length, 1)
})

test('of several servers the first that answers is believed', async () => {
  byUdp = whole
  const nobody = dgram.createSocket('udp4')
  nobody.bind(0, '127.0.0.1')
  await once(nobody, 'listening')
  const silent = { address: '127.0.0.1', port: nobody.address().port }
  assert.equal((await askAny([silent, server], question)).length, 1)
  nobody.close()
  await assert.rejects(askAny([], question), /no DNS server is known/)
})
