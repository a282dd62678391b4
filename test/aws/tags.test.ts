// The owner marks, in both shapes in which services give tags: what is ours, what only names us, what is foreign.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { belongs, carries, namesUs, ownerTags, tagList } from '../../src/aws/tags.js'

const ours = ownerTags('shop-dev', 'lineage-1', 'rest-api/eu-west-1')

test('ours carries all marks, whatever a user adds', () => {
  assert.equal(carries(tagList(ours), ours), true)
  assert.equal(carries({ ...ours, team: 'shop' }, ours), true)
  assert.equal(carries([...tagList(ours), { Key: 'team', Value: 'shop' }], ours), true)
})

test('one missing or other mark makes it foreign', () => {
  assert.equal(carries(undefined, ours), false)
  assert.equal(carries([], ours), false)
  assert.equal(carries({}, ours), false)
  for (const key of Object.keys(ours)) {
    const { [key]: _gone, ...rest } = ours
    assert.equal(carries(rest, ours), false)
    assert.equal(carries({ ...ours, [key]: 'other' }, ours), false)
  }
})

test('what hangs on a thing of ours is ours, at whatever address; on one of another state or stack it is not', () => {
  const elsewhere = ownerTags('shop-dev', 'lineage-1', 'rest-api/us-east-1')
  assert.equal(belongs(tagList(elsewhere), ours), true)
  assert.equal(belongs(ownerTags('shop-dev', 'lineage-2', 'rest-api/eu-west-1'), ours), false)
  assert.equal(belongs(ownerTags('other', 'lineage-1', 'rest-api/eu-west-1'), ours), false)
  assert.equal(belongs(undefined, ours), false)
})

test('another state of the same stack names us and is not ours', () => {
  const theirs = ownerTags('shop-dev', 'lineage-2', 'rest-api/eu-west-1')
  assert.equal(namesUs(tagList(theirs), ours), true)
  assert.equal(carries(theirs, ours), false)
  assert.equal(namesUs(ownerTags('shop-dev', 'lineage-1', 'rest-api/us-east-1'), ours), false)
  assert.equal(namesUs(undefined, ours), false)
})
