// Traffic policy documents that are refused, for the two operations that take one.
import type { Route53 } from '@aws-sdk/client-route-53'
import { refused } from '../run.js'
import type { Case, Cases } from '../suite.js'
import { r53 } from './setup.js'

const BASE = {
  AWSPolicyFormatVersion: '2015-10-01',
  RecordType: 'CNAME',
  Endpoints: { a: { Type: 'value', Value: 'a.example.org' }, b: { Type: 'value', Value: 'b.example.org' } },
}

const withRule = (rule: object, more: object = {}) => ({
  ...BASE,
  StartRule: 'r',
  Rules: { r: rule },
  ...more,
})
const latency = (...Regions: object[]) => withRule({ RuleType: 'latency', Regions })
const A_IE = { EndpointReference: 'a', Region: 'eu-west-1' }

const WRONG: Readonly<Record<string, readonly (readonly [object, RegExp])[]>> = {
  'a document without a known version, or with both or none of StartEndpoint and StartRule': [
    [{ ...BASE, AWSPolicyFormatVersion: '2012-10-17', StartEndpoint: 'a' }, /AWSPolicyFormatVersion/],
    [BASE, /StartEndpoint and StartRule/],
    [{ ...withRule({}), StartEndpoint: 'a' }, /r: /],
  ],
  'a value that is no data of the record type names its endpoint': [
    [{ ...BASE, RecordType: 'A', StartEndpoint: 'a' }, /^a: Value .*;b: Value /],
    [
      { ...BASE, Endpoints: { a: { Type: 'api-gateway', Value: 'a.example.org' } }, StartEndpoint: 'a' },
      /^a: /,
    ],
  ],
  'references that lead nowhere or in a circle': [
    [{ ...BASE, StartEndpoint: 'c' }, /c is not defined/],
    [latency({ EndpointReference: 'c', Region: 'eu-west-1' }), /^r: .*c is not defined/],
    [latency({ RuleReference: 'r', Region: 'eu-west-1' }), /refers to itself/],
  ],
  'a latency rule without Regions, with an unknown region or with one twice': [
    [withRule({ RuleType: 'latency', Items: [A_IE] }), /Regions/],
    [latency({ EndpointReference: 'a', Region: 'eu-west-99' }), /^r: .*eu-west-99/],
    [latency(A_IE, { EndpointReference: 'b', Region: 'eu-west-1' }), /^r: /],
  ],
  'a weight that is no text, a bias above 99, a coordinate of three decimals': [
    [withRule({ RuleType: 'weighted', Items: [{ EndpointReference: 'a', Weight: 1 }] }), /Weight/],
    [
      withRule({
        RuleType: 'geoproximity',
        GeoproximityLocations: [{ EndpointReference: 'a', Region: 'aws:route53:eu-west-1', Bias: '100' }],
      }),
      /Bias/,
    ],
    [
      withRule({
        RuleType: 'geoproximity',
        GeoproximityLocations: [{ EndpointReference: 'a', Latitude: '1.234', Longitude: '1' }],
      }),
      /Latitude/,
    ],
  ],
  'a multivalue rule of CNAMEs, a failover rule without Secondary': [
    [withRule({ RuleType: 'multivalue', Items: [{ EndpointReference: 'a' }] }), /multivalue/],
    [withRule({ RuleType: 'failover', Primary: { EndpointReference: 'a' } }), /Secondary/],
  ],
}

/** The cases of an operation that takes a document. */
export const documentCases = (call: (client: Route53, Document: string) => Promise<unknown>): Cases =>
  Object.fromEntries(
    Object.entries(WRONG).map(([what, list]): [string, Case] => [
      `${what}: InvalidTrafficPolicyDocument`,
      async (cloud) => {
        for (const [document, wording] of list)
          await refused(call(r53(cloud), JSON.stringify(document)), 'InvalidTrafficPolicyDocument', wording)
      },
    ]),
  )
