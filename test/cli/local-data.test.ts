// The files of the local cloud at the front door: damaged, gone, or of another version of the package. Each time one clear
// error that names the file and the way out. The process itself is `local-daemon.test.ts`'s.
import assert from 'node:assert/strict'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import type { LocalStatus } from '../../src/local/door.js'
import { Project, type Ran } from '../journeys/project.js'

let project: Project
let dataDir: string

before(async () => {
  project = new Project()
  dataDir = path.join(project.folder, '.multiregion/local/cloud')
})
after(() => project.remove())

const start = (...args: string[]) => project.json<LocalStatus>('local', 'start', ...args)
const stop = () => project.json<{ stopped: boolean; killed: boolean }>('local', 'stop')
const fileOf = (name: string) => path.join(dataDir, name)

/** One clear error: its words, a next command, no stack, no more than a few lines. */
function assertTold({ code, stderr }: Ran, says: RegExp, hint: RegExp, exit = 1): void {
  assert.equal(code, exit, stderr)
  assert.match(stderr, says)
  assert.match(stderr, hint)
  assert.match(stderr, /^next: \S/m)
  assert.doesNotMatch(stderr, /\n\s+at |bug/)
}

describe('damaged files', () => {
  before(async () => {
    await start('--profile', 'instant')
    await stop()
  })
  const settings = () => JSON.parse(readFileSync(fileOf('settings.json'), 'utf8'))
  type Case = readonly [what: string, file: string, text: () => string | undefined, says: RegExp]
  const chosen = (what: object, says: RegExp): Case => [
    `a choice that is none, ${JSON.stringify(what)}`,
    'settings.json',
    () => JSON.stringify({ ...settings(), chosen: what }),
    says,
  ]
  const CHOICES = [
    chosen({ scale: -5 }, /settings\.json is damaged: -5 is no time scale/),
    chosen({ profile: 'zzz' }, /settings\.json is damaged: "zzz" is no profile/),
    chosen({ enforceIam: 'no' }, /settings\.json is damaged: "no" does not say whether IAM is enforced/),
  ]
  const cases: readonly Case[] = [
    ['torn settings', 'settings.json', () => '{"seed": 1', /settings\.json is damaged: it is not whole JSON/],
    ['empty settings', 'settings.json', () => '', /settings\.json is damaged/],
    [
      'settings that are none',
      'settings.json',
      () => '[]',
      /settings\.json is damaged: it is no JSON object/,
    ],
    [
      'settings without a key',
      'settings.json',
      () => JSON.stringify({ ...settings(), operator: {} }),
      /settings\.json is damaged: it lacks the operator's key/,
    ],
    [
      'a port that is none',
      'settings.json',
      () => JSON.stringify({ ...settings(), port: 'x' }),
      /settings\.json is damaged: x is no port/,
    ],
    ...CHOICES,
    ['no settings beside data', 'settings.json', () => undefined, /settings\.json is damaged: it is missing/],
    ['a torn authority', 'ca.pem', () => '-----BEGIN CERTIFICATE-----\nMIIB', /ca\.pem is damaged/],
    ['a torn key', 'ca-key.pem', () => '-----BEGIN PRIVATE KEY-----\nMIG', /ca-key\.pem is damaged/],
    ['a key that is gone', 'ca-key.pem', () => undefined, /ca-key\.pem is damaged/],
    ['a torn store', 'store/CURRENT', () => 'MANIFEST-999999\n', /store is damaged/],
  ]
  for (const [what, file, text, says] of cases)
    test(`${what}: named, left as they are, and the way out`, async () => {
      const whole = readFileSync(fileOf(file))
      const damage = text()
      if (damage === undefined) rmSync(fileOf(file))
      else writeFileSync(fileOf(file), damage)
      assertTold(await project.run('local', 'start'), says, /multiregion local reset/)
      if (damage !== undefined) assert.equal(readFileSync(fileOf(file), 'utf8'), damage)
      writeFileSync(fileOf(file), whole)
    })

  test('a damaged log and a store that is gone: named, left as they are, and the way out', async () => {
    await start()
    await project.run('local', 'fault', 'add', 'throttle')
    await project.run('local', 'fault', 'clear', '--all')
    await stop()
    const store = fileOf('store')
    const copy = `${dataDir}.store`
    renameSync(store, copy)
    assertTold(await project.run('local', 'start'), /store is damaged: it is missing/, /local reset/)
    assert.equal(existsSync(store), false)
    cpSync(copy, store, { recursive: true })
    const log = path.join(store, readdirSync(store).find((name) => name.endsWith('.log'))!)
    const damaged = Buffer.from(readFileSync(log)).fill(7, 20, 60)
    writeFileSync(log, damaged)
    assertTold(await project.run('local', 'start'), /\.log is damaged: the record at byte 0/, /local reset/)
    assert.deepEqual(readFileSync(log), damaged)
    rmSync(store, { recursive: true })
    renameSync(copy, store)
  })

  test('put back, they serve as before', async () => {
    await start()
    await stop()
  })

  test('a record of the daemon: it writes it again', async () => {
    const { pid } = await start()
    writeFileSync(fileOf('daemon.json'), 'x')
    for (let tries = 0; tries < 200; tries++) {
      if (readFileSync(fileOf('daemon.json'), 'utf8').includes(String(pid))) break
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    assert.equal((await project.json<LocalStatus>('local', 'status')).pid, pid)
    await stop()
  })
})

describe('data of another version', () => {
  afterEach(async () => {
    await project.run('local', 'stop')
    rmSync(dataDir, { recursive: true, force: true })
  })

  test('format 0, from before formats were named, comes up with its items and has this format then', async () => {
    rmSync(dataDir, { recursive: true, force: true })
    const golden = JSON.parse(readFileSync('test/local/daemon/format-0.json', 'utf8')) as Record<
      string,
      string
    >
    for (const [name, content] of Object.entries(golden)) {
      mkdirSync(path.dirname(fileOf(name)), { recursive: true })
      writeFileSync(fileOf(name), Buffer.from(content, 'base64'))
    }
    const before = JSON.parse(readFileSync(fileOf('settings.json'), 'utf8'))
    assert.equal(before.format, undefined)
    const { seed } = await start('--profile', 'instant')
    assert.equal(seed, before.seed)
    const { format, version, operator } = JSON.parse(readFileSync(fileOf('settings.json'), 'utf8'))
    assert.equal(format, 1)
    assert.match(version, /^\d+\.\d+\.\d+/)
    assert.deepEqual(operator, before.operator)
    assert.equal((await project.environment()).AWS_SECRET_ACCESS_KEY, before.operator.secretAccessKey)
    const { resources } = await project.json<LocalStatus>('local', 'status')
    assert.equal(resources.tables, 1)
  })

  for (const format of [2, 99])
    test(`format ${format} is refused, and nothing is touched`, async () => {
      await start()
      await stop()
      const settings = JSON.parse(readFileSync(fileOf('settings.json'), 'utf8'))
      const text = JSON.stringify({ ...settings, format, version: '9.8.7' })
      writeFileSync(fileOf('settings.json'), text)
      const copy = `${dataDir}.copy`
      cpSync(dataDir, copy, { recursive: true })
      const ran = await project.run('up', '--local', '--yes')
      assertTold(
        ran,
        new RegExp(
          `format ${format}, written by multiregion 9\\.8\\.7; this is multiregion \\d+\\.\\d+\\.\\d+`,
        ),
        /local reset/,
      )
      for (const name of ['settings.json', 'ca.pem', 'store/CURRENT'])
        assert.deepEqual(readFileSync(fileOf(name)), readFileSync(path.join(copy, name)), name)
      assert.equal(existsSync(fileOf('daemon.json')), false)
      rmSync(copy, { recursive: true })
    })

  test('a format that is none is damage', async () => {
    await start()
    await stop()
    const settings = JSON.parse(readFileSync(fileOf('settings.json'), 'utf8'))
    writeFileSync(fileOf('settings.json'), JSON.stringify({ ...settings, format: 'new' }))
    assertTold(await project.run('local', 'start'), /settings\.json is damaged: "new" is no format/, /reset/)
  })
})

test('data that are gone while the state is not: all is made again, and reset is named', async () => {
  await start('--profile', 'instant')
  const state = path.join(project.folder, '.multiregion/local/multiregion-dev.json')
  const up = await project.run('up', '--local', '--yes', '--no-proof')
  assert.equal(up.code, 0, up.stderr)
  assert.doesNotMatch(up.stderr, /local reset/)
  await stop()
  rmSync(dataDir, { recursive: true })
  assert.ok(existsSync(state))
  const { code, stderr } = await project.run('plan', '--local')
  assert.equal(code, 0, stderr)
  assert.match(
    stderr,
    /data of the local cloud are gone, the state of the stack is not.*multiregion local reset/,
  )
  await project.run('local', 'reset', '--yes')
  assert.equal(existsSync(state), false)
})
