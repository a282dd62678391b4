// The file behind a log group: bounded in memory and on disk, and whole after a crash in the middle of a line.
import assert from 'node:assert/strict'
import { appendFileSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { EventFile } from '../../../src/local/logs/event-file.js'
import { filterOf } from '../../../src/local/logs/filter-pattern.js'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'event-file-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const event = (at: number, message = `m${at}`) => ({ stream: 's', at, ingestedAt: at, message })
const messages = (file: EventFile) => file.sorted().map(({ message }) => message)

test('the newest are kept, in memory and on disk', () => {
  const path = join(folder, 'ring')
  const limits = { events: 100, bytes: 1_000_000 }
  const file = new EventFile(path, limits)
  for (let at = 0; at < 1000; at++) {
    file.append(event(at))
    file.flush()
  }
  const kept = messages(file)
  assert.ok(kept.length >= 100 && kept.length <= 110, String(kept.length))
  assert.equal(kept.at(-1), 'm999')
  assert.ok(readFileSync(path, 'utf8').split('\n').length <= 220)
  assert.deepEqual(messages(new EventFile(path, limits)).slice(-100), kept.slice(-100))
})

test('bytes are a limit, too', () => {
  const file = new EventFile(join(folder, 'large'), { events: 1000, bytes: 10_000 })
  for (let at = 0; at < 50; at++) file.append(event(at, String(at).padStart(1000, '.')))
  assert.equal(file.sorted().length, 9)
  assert.ok(messages(file).at(-1)!.endsWith('.49'))
})

test('events are sorted by time, and by arrival at the same time', () => {
  const file = new EventFile(join(folder, 'sorted'), { events: 10, bytes: 10_000 })
  for (const [at, message] of [
    [2, 'c'],
    [1, 'a'],
    [1, 'b'],
    [3, 'd'],
  ] as const)
    file.append(event(at, message))
  assert.equal(messages(file).join(''), 'abcd')
})

test('a line that a crash cut off is passed over', () => {
  const path = join(folder, 'cut')
  const limits = { events: 10, bytes: 10_000 }
  const file = new EventFile(path, limits)
  file.append(event(1))
  file.flush()
  appendFileSync(path, '{"seq":2,"stream":"s","at"')
  const again = new EventFile(path, limits)
  again.append(event(2))
  again.flush()
  assert.deepEqual(messages(new EventFile(path, limits)), ['m1', 'm2'])
})

test('filter patterns of terms', () => {
  const passes = (pattern: string, message: string) => filterOf(pattern)(message)
  assert.ok(passes('', 'anything'))
  assert.ok(passes('ERROR 7', 'an ERROR of 7'))
  assert.ok(!passes('ERROR 7', 'an ERROR'))
  assert.ok(!passes('error', 'an ERROR'))
  assert.ok(passes('"a: b"', 'it is a: b'))
  assert.ok(passes('ERROR -warn', 'ERROR') && !passes('ERROR -warn', 'ERROR warn'))
  assert.ok(passes('?a ?b', 'b') && !passes('?a ?b', 'c'))
  for (const refused of ['{ $.a = 1 }', '[a, b]', '%x%', 'a:b', '?a b', '"open']) {
    assert.throws(() => filterOf(refused), { code: 'InvalidParameterException' }, refused)
  }
})
