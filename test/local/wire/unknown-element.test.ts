// Elements that Route 53's XML schema does not have, by the schemas of real operations.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WIRE_CLIENTS } from '../../../src/local/wire/clients.js'
import { operationsOf } from '../../../src/local/wire/schema.js'
import { refuseUnknownElements } from '../../../src/local/wire/unknown-element.js'

const { module } = await WIRE_CLIENTS.find(({ name }) => name === 'route53')!.load()
const operations = operationsOf(module)
const check = (operation: string, inside: string, root = `${operation}Request`) =>
  refuseUnknownElements(
    operations.get(operation)!,
    Buffer.from(
      `<?xml version="1.0"?><${root} xmlns="https://route53.amazonaws.com/doc/2013-04-01/">${inside}</${root}>`,
    ),
  )
const refusal = (message: RegExp) => ({ code: 'InvalidInput', message })
const ZONE = '<Name>a.example</Name><CallerReference>r</CallerReference>'

test('what an operation has is let through, at any depth', () => {
  check('CreateHostedZone', `${ZONE}<HostedZoneConfig><Comment>c</Comment></HostedZoneConfig>`)
  check('CreateHostedZone', ZONE.replace('a.example', ''))
  const tag = (key: string) => `<Tag><Key>${key}</Key><Value>v</Value></Tag>`
  check('ChangeTagsForResource', `<AddTags>${tag('a')}</AddTags>`)
  check(
    'ChangeTagsForResource',
    `<AddTags>${tag('a')}${tag('b')}</AddTags><RemoveTagKeys><Key>c</Key></RemoveTagKeys>`,
  )
  check('ChangeTagsForResource', '<AddTags/>')
  refuseUnknownElements(operations.get('CreateHostedZone')!, Buffer.from(''))
})

test('an unknown element is named, with those that may come', () => {
  assert.throws(
    () => check('CreateHostedZone', `<Name>a.example</Name><Nmae>x</Nmae>`),
    refusal(
      /^Invalid XML ; cvc-complex-type\.2\.4\.a: Invalid content was found starting with element 'Nmae'\. One of '\{"https:\/\/route53\.amazonaws\.com\/doc\/2013-04-01\/":CallerReference, .*:VPC.*\}' is expected\.$/,
    ),
  )
  const tags = '<AddTags><Tag><Key>a</Key><Vlaue>v</Vlaue></Tag></AddTags>'
  assert.throws(() => check('ChangeTagsForResource', tags), refusal(/element 'Vlaue'.*:Value\}/))
  assert.throws(
    () => check('ChangeTagsForResource', '<AddTags><member>a</member></AddTags>'),
    refusal(/element 'member'.*:Tag\}/),
  )
  const strange = '<HostedZoneConfig><constructor>1</constructor></HostedZoneConfig>'
  assert.throws(() => check('CreateHostedZone', ZONE + strange), refusal(/element 'constructor'/))
})

test('a member that stands in the URL is none of the body’s', () => {
  // AWS: aws-sdk-js#71.
  assert.throws(
    () => check('ChangeResourceRecordSets', '<HostedZoneId>Z1</HostedZoneId>'),
    refusal(/element 'HostedZoneId'. One of .*:ChangeBatch\}' is expected/),
  )
})

test('another root is refused', () => {
  assert.throws(
    () => check('CreateHostedZone', ZONE, 'CreateHostedZone'),
    refusal(/^Invalid XML ; cvc-elt\.1: Cannot find the declaration of element 'CreateHostedZone'\.$/),
  )
})
