// The endpoints of a traffic policy document. The local cloud has endpoints of type `value` only: AWS's other types
// name resources (load balancers, CloudFront, S3) that do not exist here.
import type { Faults } from './policy-fault.js'
import { isObject } from './policy-fault.js'
import { type RecordType, valueProblem } from './record-value.js'

export interface Endpoint {
  readonly value: string
}

const AWS_TYPES = [
  'cloudfront',
  'application-load-balancer',
  'elastic-load-balancer',
  'network-load-balancer',
  'elastic-beanstalk',
  's3-website',
]

export function readEndpoint(given: unknown, faults: Faults): Endpoint | undefined {
  if (!isObject(given)) return faults.add('An endpoint must be an object')
  faults.unknownMembers(given, ['Type', 'Value', 'Region'])
  const { Type = 'value', Value, Region } = given
  if (AWS_TYPES.includes(Type as string)) {
    return faults.add(`An endpoint of type ${Type} is not part of the local cloud`)
  }
  if (Type !== 'value') return faults.add(`${JSON.stringify(Type)} is not a valid endpoint type`)
  if (Region !== undefined) faults.add('Region is for endpoints of type s3-website only')
  if (typeof Value !== 'string' || Value === '') return faults.add('Value must be specified')
  return { value: Value }
}

/** AWS: the value must be data of the document's record type. */
export function endpointFaults({ value }: Endpoint, recordType: RecordType, faults: Faults): void {
  const problem = valueProblem(recordType, value)
  if (problem) faults.add(`Value is not valid for the type ${recordType}: ${problem.text}`)
}
