// Questions to one DNS server, as a client in some subnet would ask them (EDNS client subnet). Used to see which region
// the public name gives whom; never a recursive resolver, whose caches hide the truth for a while.
import dgram from 'node:dgram'
import net from 'node:net'
import packet from 'dns-packet'

export interface Server {
  readonly address: string
  readonly port: number
}

export interface DnsAnswer {
  readonly name: string
  readonly type: string
  /** A host name or an address, without a final dot; of CAA the text that a zone file has. Lower case. */
  readonly data: string
}

export type Question = { name: string; type: 'A' | 'CNAME' | 'NS' | 'CAA'; clientSubnet?: string }

/** Asks by UDP, and by TCP where the answer does not fit. Rejects on a timeout of two seconds. */
export async function ask(server: Server, question: Question): Promise<DnsAnswer[]> {
  const query = encode(question)
  const short = await overUdp(server, query)
  const decoded = short.flag_tc ? await overTcp(server, query) : short
  return (decoded.answers ?? []).flatMap((answer) => {
    const data = answer.type === 'CAA' ? caaText(answer.data) : 'data' in answer ? answer.data : undefined
    return typeof data === 'string' ? [{ name: bare(answer.name), type: answer.type, data: bare(data) }] : []
  })
}

const caaText = ({ flags, tag, value }: packet.CaaData) => `${flags} ${tag} "${value}"`

/** Asks one server after another until one answers. */
export async function askAny(servers: readonly Server[], question: Question): Promise<DnsAnswer[]> {
  let last: unknown = new Error('no DNS server is known')
  for (const server of servers) {
    try {
      return await ask(server, question)
    } catch (error) {
      last = error
    }
  }
  throw last
}

const bare = (name: string) => name.toLowerCase().replace(/\.$/, '')

function encode({ name, type, clientSubnet }: Question): Buffer {
  const [ip, prefix] = clientSubnet?.split('/') ?? []
  const options = ip ? [{ code: 'CLIENT_SUBNET' as const, ip, sourcePrefixLength: Number(prefix ?? 24) }] : []
  return packet.encode({
    type: 'query',
    id: Math.floor(Math.random() * 65_536),
    questions: [{ name, type, class: 'IN' }],
    additionals: [
      { type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options } as unknown as packet.Answer,
    ],
  })
}

type Decoded = packet.Packet & { flag_tc?: boolean }

function overUdp(server: Server, query: Buffer): Promise<Decoded> {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket('udp4')
    const end = (error: Error | undefined, answer?: Decoded) => {
      clearTimeout(timer)
      socket.close()
      if (answer) resolve(answer)
      else reject(error)
    }
    const timer = setTimeout(() => end(new Error(`no answer from DNS server ${server.address}`)), 2_000)
    socket.on('error', end)
    socket.on('message', (message) => {
      if (message.length < 12 || message.readUInt16BE(0) !== query.readUInt16BE(0)) return
      try {
        end(undefined, packet.decode(message) as Decoded)
      } catch (error) {
        end(error as Error)
      }
    })
    socket.send(query, server.port, server.address)
  })
}

function overTcp(server: Server, query: Buffer): Promise<Decoded> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: server.address, port: server.port, timeout: 2_000 })
    let received = Buffer.alloc(0)
    socket.on('connect', () => {
      const length = Buffer.alloc(2)
      length.writeUInt16BE(query.length)
      socket.write(Buffer.concat([length, query]))
    })
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return
      socket.destroy()
      try {
        resolve(packet.streamDecode(received) as Decoded)
      } catch (error) {
        reject(error)
      }
    })
    socket.on('close', () => reject(new Error(`DNS server ${server.address} ended before its answer`)))
    socket.on('timeout', () => socket.destroy(new Error(`no answer from DNS server ${server.address}`)))
    socket.on('error', reject)
  })
}
