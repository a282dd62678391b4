// What the name servers answer to a question: which zone has authority, which records stand at the name, aliases and
// CNAMEs followed, NXDOMAIN told from NODATA. Text in, text out: `dns-message.ts` knows the wire of DNS.

import { isExecuteApiName } from './alias.js'
import type { Context } from './context.js'
import type { Location } from './location.js'
import { isWithin, normaliseName, parentOf } from './name.js'
import { type NodeReader, nodeReader } from './node.js'
import { executeApiAnswer, isServerName, serverAnswer } from './own-name.js'
import { isRecordType, type RecordType, type TextRecord } from './record-value.js'
import type { Zone } from './state.js'

export interface Question {
  readonly name: string
  /** Any DNS type by name; those that are not kept here have no data. */
  readonly type: string
  readonly client: Location
}

export interface Answer {
  readonly rcode: 'NOERROR' | 'NXDOMAIN' | 'REFUSED'
  readonly answers: readonly TextRecord[]
  /** The zone's SOA with a negative answer, or the NS records of a delegation. */
  readonly authority: readonly TextRecord[]
  readonly authoritative: boolean
}

/** The local name servers: what is asked of them is answered at once, from memory. */
export type Answerer = (question: Question) => Answer

// A chain of CNAMEs that is longer leads nowhere.
const LONGEST_CHAIN = 8

/** Answers from this world's zones. `isHealthy` tells the health of a check by its id. */
export function createAnswerer(context: Context, isHealthy: (id: string) => boolean): Answerer {
  const node = nodeReader(context, isHealthy)
  const answer = (question: Question, depth: number): Answer => {
    const name = normaliseName(question.name)
    const asked = { ...question, name }
    if (isExecuteApiName(name)) return executeApiAnswer(context.places, name, question.type)
    if (isServerName(name)) return serverAnswer(name, question.type)
    const zone = zoneWithAuthority(context, name)
    if (!zone) return { rcode: 'REFUSED', answers: [], authority: [], authoritative: false }
    const found = fromZone(node, zone, asked)
    const last = found.answers.at(-1)
    if (last?.type !== 'CNAME' || question.type === 'CNAME' || depth >= LONGEST_CHAIN) return found
    const rest = answer({ ...question, name: last.value }, depth + 1)
    // A name outside of all zones is for the client's resolver to go on with.
    if (rest.rcode === 'REFUSED') return found
    return { ...rest, answers: [...found.answers, ...rest.answers], authoritative: true }
  }
  return (question) => answer(question, 0)
}

/** The deepest zone around a name; of several with one name the oldest, as all have the same name servers here. */
function zoneWithAuthority({ state, world }: Context, name: string): Zone | undefined {
  const now = world.clock.now()
  return [...state.zones.values()]
    .filter((zone) => isWithin(name, zone.name) && now >= zone.visibleAt)
    .sort((a, b) => b.name.length - a.name.length || a.createdAt - b.createdAt)[0]
}

function fromZone(node: NodeReader, zone: Zone, { name, type, client }: Question): Answer {
  const positive = (answers: readonly TextRecord[]): Answer => ({
    rcode: 'NOERROR',
    answers,
    authority: [],
    authoritative: true,
  })
  const delegation = delegationOf(node, zone, name, client)
  if (delegation) return { rcode: 'NOERROR', answers: [], authority: delegation, authoritative: false }
  const source = sourceOf(node, zone, name)
  if (source !== undefined) {
    const read = (wanted: RecordType) =>
      node.read(zone, source, wanted, client).map((record) => ({ ...record, name }))
    const direct = isRecordType(type) ? read(type) : []
    const answers = direct.length ? direct : read('CNAME')
    if (answers.length) return positive(answers)
  }
  const authority = negativeSoa(node, zone, client)
  return { ...positive([]), rcode: source === undefined ? 'NXDOMAIN' : 'NOERROR', authority }
}

/** NS records of a cut between the zone's apex and the name. */
function delegationOf(
  node: NodeReader,
  zone: Zone,
  name: string,
  client: Location,
): TextRecord[] | undefined {
  for (let at: string | undefined = name; at && at !== zone.name; at = parentOf(at)) {
    const servers = node.read(zone, at, 'NS', client)
    if (servers.length) return servers
  }
  return undefined
}

/** The name whose records answer: the name itself, or the wildcard that covers it; undefined: no such name. */
function sourceOf(node: NodeReader, zone: Zone, name: string): string | undefined {
  if (node.exists(zone, name)) return name
  let closest = parentOf(name)
  while (closest && closest !== zone.name && !node.exists(zone, closest)) closest = parentOf(closest)
  const wildcard = `\\052.${closest}`
  return node.exists(zone, wildcard) ? wildcard : undefined
}

/** AWS: a negative answer may be kept for as long as the zone's SOA says, 900 seconds at first. */
function negativeSoa(node: NodeReader, zone: Zone, client: Location): TextRecord[] {
  return node.read(zone, zone.name, 'SOA', client).map((soa) => {
    const minimum = Number(soa.value.split(' ')[6])
    return { ...soa, ttl: Math.min(soa.ttl, minimum) }
  })
}
