// A DNS client for the tests: one question by UDP or TCP, and the answer as dns-packet reads it.
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import dnsPacket, { type DecodedPacket, type Packet, type RecordType } from 'dns-packet'
import type { Route53Service } from '../../../src/local/route53/service.js'

type Where = Route53Service['dns']

export interface Asked extends DecodedPacket {
  readonly rcode: string
}

const query = (name: string, type: RecordType, more: Packet): Buffer =>
  dnsPacket.encode({
    type: 'query',
    id: 4711,
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ name, type }],
    ...more,
  })

/** One message out, one message back; undefined when nothing came within `waitMs`. */
export function exchange(
  { address, port }: Where,
  message: Buffer,
  waitMs = 2000,
): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4')
    const done = (answer?: Buffer) => {
      clearTimeout(timer)
      socket.close()
      resolve(answer)
    }
    const timer = setTimeout(() => done(), waitMs)
    socket.once('message', done)
    socket.once('error', reject)
    socket.send(message, port, address)
  })
}

export async function ask(
  dns: Where,
  name: string,
  type: RecordType = 'A',
  more: Packet = {},
): Promise<Asked> {
  const answer = await exchange(dns, query(name, type, more))
  if (!answer) throw new Error(`no answer for ${name} ${type}`)
  return dnsPacket.decode(answer) as Asked
}

export function askByTcp({ address, port }: Where, name: string, type: RecordType = 'A'): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const message = query(name, type, {})
    const length = Buffer.alloc(2)
    length.writeUInt16BE(message.length)
    const socket = connect(port, address)
    // In pieces, so that the server has to put them together.
    socket.write(length.subarray(0, 1))
    setImmediate(() => socket.write(Buffer.concat([length.subarray(1), message])))
    let received = Buffer.alloc(0)
    socket.on('error', reject)
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return
      socket.destroy()
      resolve(dnsPacket.decode(received.subarray(2)) as Asked)
    })
  })
}

/** Answers as `name type data` lines. */
export const lines = ({ answers = [] }: Packet): string[] =>
  answers.map((answer) => {
    const data = 'data' in answer ? answer.data : ''
    return `${answer.name} ${answer.type} ${typeof data === 'string' ? data : JSON.stringify(data)}`
  })
