// TestDNSAnswer: the control plane's view of what the name servers answer to a client somewhere.

import { isIP } from 'node:net'
import type { TestDNSAnswerRequest, TestDNSAnswerResponse } from '@aws-sdk/client-route-53'
import type { Answerer } from './answer.js'
import type { Context } from './context.js'
import { invalidInput } from './input.js'
import { type Location, locationOfClient, locationOfRegion } from './location.js'
import { isWithin, normaliseName } from './name.js'
import { NAME_SERVERS, zoneOf } from './zone.js'

// AWS: without a resolver's address, one in us-east-1 is taken.
const DEFAULT_REGION = 'us-east-1'

export function dnsTestOperations(context: Context, answer: Answerer) {
  return {
    TestDNSAnswer(input: TestDNSAnswerRequest): TestDNSAnswerResponse {
      const zone = zoneOf(context, input.HostedZoneId)
      const name = normaliseName(input.RecordName!)
      const type = input.RecordType!
      if (!isWithin(name, zone.name)) throw invalidInput(`${name} is not in the hosted zone ${zone.name}`)
      const { rcode, answers } = answer({ name, type, client: clientOf(context, input) })
      return {
        Nameserver: NAME_SERVERS[0],
        RecordName: name,
        RecordType: type,
        RecordData: answers.map(({ value }) => value),
        ResponseCode: rcode,
        Protocol: 'UDP',
      }
    },
  }
}

function clientOf({ places }: Context, input: TestDNSAnswerRequest): Location {
  const { ResolverIP, EDNS0ClientSubnetIP, EDNS0ClientSubnetMask } = input
  for (const address of [ResolverIP, EDNS0ClientSubnetIP]) {
    if (address && !isIP(address)) throw invalidInput(`${address} is not a valid IP address.`)
  }
  if (EDNS0ClientSubnetMask && !EDNS0ClientSubnetIP) {
    throw invalidInput('EDNS0ClientSubnetMask needs EDNS0ClientSubnetIP.')
  }
  const address = EDNS0ClientSubnetIP || ResolverIP
  return address ? locationOfClient(places, address) : locationOfRegion(DEFAULT_REGION)
}
