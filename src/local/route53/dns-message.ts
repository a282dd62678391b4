// DNS messages: a query's bytes in, the answer's bytes out. EDNS with client subnet, truncation, and errors for what
// is not supported. Sockets are `dns-server.ts`'s, the answers themselves `answer.ts`'s.
import { isIPv4, isIPv6 } from 'node:net'
import dnsPacket, {
  type DecodedPacket,
  type Answer as DnsAnswer,
  type OptAnswer,
  type Packet,
  type PacketOpt,
} from 'dns-packet'
import type { Answer, Answerer } from './answer.js'
import type { Location } from './location.js'
import { type TextRecord, toDnsAnswer } from './record-value.js'

export interface Responder {
  readonly answer: Answerer
  /** Where a client stands, by its address or by one of its subnet. */
  locate(address: string): Location
}

// The upper bits of an extended code (BADVERS) stand in the OPT record.
const RCODES = { NOERROR: 0, FORMERR: 1, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 } as const
type Rcode = keyof typeof RCODES

// What we send by UDP at most (EDNS0), the limit of a client that says nothing, and that of TCP.
const UDP_PAYLOAD = 4096
const PLAIN_UDP_PAYLOAD = 512
const TCP_PAYLOAD = 65_535
const CLIENT_SUBNET = 8
const NOT_PRINTABLE = /[^\x21-\x7e]/

interface Subnet {
  readonly ip: string
  readonly family: number
  readonly prefix: number
}

/** A query with what was read out of it. */
interface Query {
  readonly packet: DecodedPacket
  readonly opt?: OptAnswer
  /** `broken`: the option contradicts itself. */
  readonly subnet?: Subnet | 'broken'
}

/**
 * The answer to one message, or undefined for one that is ignored: no query, or not to be read at all.
 * By `udp`, an answer that is longer than the client can take is cut, so that it asks again by TCP.
 */
export function respond(
  message: Buffer,
  from: string,
  transport: 'udp' | 'tcp',
  responder: Responder,
): Buffer | undefined {
  const query = readQuery(message)
  if (!query) return undefined
  const fault = faultOf(query)
  const reply = fault ? refusal(query, fault) : answerTo(query, from, responder)
  const bytes = encode(reply)
  if (!bytes) return encode({ ...refusal(query, 'FORMERR'), questions: [] })
  const offered = Math.max(PLAIN_UDP_PAYLOAD, query.opt?.udpPayloadSize ?? 0)
  const most = transport === 'tcp' ? TCP_PAYLOAD : Math.min(UDP_PAYLOAD, offered)
  if (bytes.length <= most) return bytes
  const flags = reply.flags! | dnsPacket.TRUNCATED_RESPONSE
  return encode({ ...reply, flags, answers: [], authorities: [] })
}

function readQuery(message: Buffer): Query | undefined {
  try {
    const packet = dnsPacket.decode(message)
    if (packet.type !== 'query') return undefined
    const opt = packet.additionals?.find((record): record is OptAnswer => record.type === 'OPT')
    const subnet = opt && subnetOf(opt)
    return { packet, ...(opt && { opt }), ...(subnet && { subnet }) }
  } catch {
    return undefined
  }
}

function encode(packet: Packet): Buffer | undefined {
  try {
    return dnsPacket.encode(packet)
  } catch {
    return undefined
  }
}

function subnetOf(opt: OptAnswer): Subnet | 'broken' | undefined {
  const option = opt.options.find(({ code }) => code === CLIENT_SUBNET)
  if (!option || !('ip' in option) || !option.ip) return undefined
  const { ip, family = 0, sourcePrefixLength: prefix = 0 } = option
  const fits = (family === 1 && isIPv4(ip) && prefix <= 32) || (family === 2 && isIPv6(ip) && prefix <= 128)
  return fits ? { ip, family, prefix } : 'broken'
}

/** Why a query is not answered, if so. */
function faultOf({ packet, opt, subnet }: Query): Rcode | undefined {
  const opcode = ((packet.flags ?? 0) >> 11) & 0xf
  if (opcode !== 0) return 'NOTIMP'
  const question = packet.questions?.[0]
  if (packet.questions?.length !== 1 || !question || subnet === 'broken') return 'FORMERR'
  // What is no printable ASCII would not survive being written back.
  if (NOT_PRINTABLE.test(question.name)) return 'FORMERR'
  if (opt && opt.ednsVersion !== 0) return 'BADVERS'
  if (question.class !== 'IN' || ['AXFR', 'IXFR', 'ANY'].includes(question.type)) return 'REFUSED'
  return undefined
}

function answerTo(query: Query, from: string, { answer, locate }: Responder): Packet {
  const { name, type } = query.packet.questions![0]!
  // A subnet of length 0 says that the client will not tell where it is.
  const subnet = typeof query.subnet === 'object' && query.subnet.prefix > 0 ? query.subnet.ip : undefined
  const found = answer({ name, type, client: locate(subnet ?? from) })
  return { ...head(query, found.rcode, found.authoritative), ...sections(name, found) }
}

function sections(asked: string, { answers, authority }: Answer): Pick<Packet, 'answers' | 'authorities'> {
  // The owner name is written as it was asked, capitals included.
  const echo = (record: DnsAnswer): DnsAnswer =>
    record.name === asked.toLowerCase() ? { ...record, name: asked } : record
  const encodable = (records: readonly TextRecord[]) => records.map((record) => echo(toDnsAnswer(record)))
  return { answers: encodable(answers), authorities: encodable(authority) }
}

function refusal(query: Query, rcode: Rcode): Packet {
  const questions = (query.packet.questions ?? []).filter(({ name }) => !NOT_PRINTABLE.test(name))
  return { ...head(query, rcode, false), questions, answers: [], authorities: [] }
}

function head({ packet, opt, subnet }: Query, rcode: Rcode, authoritative: boolean): Packet {
  const recursionDesired = (packet.flags ?? 0) & dnsPacket.RECURSION_DESIRED
  const code = RCODES[rcode]
  const flags = (code & 0xf) | recursionDesired | (authoritative ? dnsPacket.AUTHORITATIVE_ANSWER : 0)
  const extended = opt && ({ ...opt, ...OWN_OPT, extendedRcode: code >> 4, options: echoOf(subnet) } as const)
  return {
    type: 'response',
    id: packet.id ?? 0,
    flags,
    questions: packet.questions ?? [],
    additionals: extended ? [extended] : [],
  }
}

const OWN_OPT = { name: '.', type: 'OPT', udpPayloadSize: UDP_PAYLOAD, ednsVersion: 0, flags: 0 } as const

/** The client's subnet comes back with the same length as scope: the answer is good for all of it. */
function echoOf(subnet: Query['subnet']): PacketOpt[] {
  if (typeof subnet !== 'object') return []
  const { family, ip, prefix } = subnet
  return [{ code: CLIENT_SUBNET, family, ip, sourcePrefixLength: prefix, scopePrefixLength: prefix }]
}
