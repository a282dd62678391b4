// Which certificates one validation record proves, asked of the local ACM.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  ACMClient,
  RequestCertificateCommand,
  type RequestCertificateCommandInput,
} from '@aws-sdk/client-acm'
import type { Clients } from '../../src/aws/context.js'
import { certificatesOf } from '../../src/steps/certificate.js'
import { startTestCloud, type TestCloud } from '../conformance/cloud.js'

const DOMAIN = 'api.example.com'

let cloud: TestCloud
let acm: ACMClient
before(async () => {
  cloud = await startTestCloud('instant')
  acm = cloud.client(ACMClient)
})
after(() => cloud.close())

const request = async (more: Partial<RequestCertificateCommandInput>) => {
  const input = { DomainName: DOMAIN, ValidationMethod: 'DNS' as const, ...more }
  return (await acm.send(new RequestCertificateCommand(input))).CertificateArn!
}

test('certificates of a domain are found whatever their key, and as a further name or wildcard of others', async () => {
  const wanted = [
    await request({}),
    await request({ KeyAlgorithm: 'EC_prime256v1' }),
    await request({ DomainName: 'b.example.com', SubjectAlternativeNames: [DOMAIN] }),
    await request({ DomainName: `*.${DOMAIN}` }),
  ]
  await request({ DomainName: 'example.com', SubjectAlternativeNames: ['*.example.com'] })
  assert.deepEqual((await certificatesOf({ acm } as Clients, DOMAIN)).sort(), wanted.sort())
})
