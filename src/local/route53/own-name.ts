// Names that are answered although no hosted zone has them: the name servers' own, and those of API Gateway, which
// in the world outside are Amazon's to answer.
import type { PlacesPort } from '../ports.js'
import type { Answer } from './answer.js'
import { bareName, isWithin } from './name.js'
import type { TextRecord } from './record-value.js'
import { NAME_SERVERS } from './zone.js'

// AWS: the addresses of API Gateway names live for 60 seconds.
const ADDRESS_TTL = 60
const SERVER_TTL = 172800
const SERVER_ZONE = 'multiregion-local.test.'
export const SERVER_ADDRESS = '127.0.0.1'

const soaOf = (zone: string): TextRecord => ({
  name: zone,
  type: 'SOA',
  ttl: 60,
  value: `${NAME_SERVERS[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 60`,
})

function ownAnswer(address: TextRecord | undefined, type: string, zone: string): Answer {
  const answers = address && type === 'A' ? [address] : []
  return {
    rcode: address ? 'NOERROR' : 'NXDOMAIN',
    answers,
    authority: answers.length ? [] : [soaOf(zone)],
    authoritative: true,
  }
}

/** `<id>.execute-api.<region>.amazonaws.com.`: the region's address, while the API or custom domain exists. */
export function executeApiAnswer(places: PlacesPort, name: string, type: string): Answer {
  const place = places.placeOfHost(bareName(name))
  const address = place && ({ name, type: 'A', ttl: ADDRESS_TTL, value: place.address } as const)
  return ownAnswer(address, type, name.slice(name.indexOf('.') + 1))
}

export const isServerName = (name: string) => isWithin(name, SERVER_ZONE)

/** The name servers stand where the DNS server listens. */
export function serverAnswer(name: string, type: string): Answer {
  const known = NAME_SERVERS.includes(bareName(name)) || name === SERVER_ZONE
  const address = known ? ({ name, type: 'A', ttl: SERVER_TTL, value: SERVER_ADDRESS } as const) : undefined
  return ownAnswer(address, type, SERVER_ZONE)
}
