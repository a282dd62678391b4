// A state file that is damaged, or no file at all, at the front door: one clear error, nothing but the question who is
// calling reaches AWS, and what is there stays as it is. Damage in bulk is `test/hostile/`'s, in process.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { seededRandom } from '../../src/local/random.js'
import { sealed } from '../../src/state/document.js'
import { newState } from '../../src/state/file.js'
import { mutate } from '../hostile/mutation.js'
import { Project } from '../journeys/project.js'

const ACCOUNT = '123456789012'
let calls: string[] = []
let known: Record<string, string>
let project: Project
let folder: string
let file: string

/** Knows who is calling, and counts whatever else it is asked. */
const aws = http.createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => {
    body += chunk
  })
  request.on('end', () => {
    calls.push(/Action=(\w+)/.exec(body)?.[1] ?? `${request.method} ${request.url}`)
    const identity = `<Arn>arn:aws:iam::${ACCOUNT}:user/me</Arn><UserId>me</UserId><Account>${ACCOUNT}</Account>`
    response
      .writeHead(200, { 'content-type': 'text/xml' })
      .end(
        `<GetCallerIdentityResponse><GetCallerIdentityResult>${identity}</GetCallerIdentityResult></GetCallerIdentityResponse>`,
      )
  })
})

before(async () => {
  await once(aws.listen(0, '127.0.0.1'), 'listening')
  known = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(aws.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'AKIATEST',
    AWS_SECRET_ACCESS_KEY: 'test',
  }
  project = new Project()
  folder = path.join(project.folder, '.multiregion')
  file = path.join(folder, 'multiregion-dev.json')
  mkdirSync(folder, { mode: 0o700 })
})
after(() => {
  aws.close()
  aws.closeAllConnections()
  rmSync(project.folder, { recursive: true, force: true })
})

const VERBS = [
  ['up', '--yes'],
  ['down', '--yes'],
  ['failover', '--region', 'eu-west-1'],
  ['status'],
  ['plan'],
  ['state', 'show'],
]
let turn = 0

/** The next verb in turn refuses, says why and what to do, and leaves what is there. */
async function refuses(says: RegExp): Promise<void> {
  const args = VERBS[turn++ % VERBS.length]!
  calls = []
  const { code, stdout, stderr } = await project.runWith(known, ...args, '--json')
  assert.equal(code, 1, `${args.join(' ')}: ${stderr}`)
  assert.match(stderr, says)
  assert.match(stderr, /^next: .*multiregion/m)
  assert.doesNotMatch(stderr, /\n\s+at .*[:(]\d+/)
  assert.match(JSON.parse(stdout).error.code, /^(newer-)?state$/)
  assert.deepEqual(
    calls.filter((call) => call !== 'GetCallerIdentity'),
    [],
  )
  assert.deepEqual(readdirSync(folder), ['multiregion-dev.json'])
  rmSync(file, { recursive: true })
}

const PLACED: Readonly<Record<string, [place: () => void, says: RegExp]>> = {
  'a folder': [() => mkdirSync(file), /cannot be read/],
  'a pipe that nobody writes to': [
    () => spawnSync('mkfifo', [file]),
    /cannot be read: it is no regular file/,
  ],
  'a link to nothing': [() => symlinkSync('/nowhere/state.json', file), /is a link to nothing/],
  'a link to itself': [() => symlinkSync(file, file), /cannot be read: ELOOP/],
  'a device without an end': [() => symlinkSync('/dev/zero', file), /cannot be read: it is no regular file/],
  'a file that gives an error': [() => symlinkSync('/proc/self/mem', file), /cannot be read: EIO/],
  'a large file of zeros': [
    () => {
      writeFileSync(file, '')
      truncateSync(file, 20_000_000)
    },
    /is not whole JSON/,
  ],
}

for (const [what, [place, says]] of Object.entries(PLACED))
  test(`in place of the state ${what}`, {
    skip: process.platform !== 'linux' && 'for Linux',
    timeout: 60_000,
  }, async () => {
    place()
    await refuses(says)
  })

test('a dozen mutations of a state', async () => {
  const home = { home: 'eu-west-1', regions: ['eu-west-1', 'us-east-1'] }
  const state = newState({ stack: 'multiregion-dev', account: ACCOUNT, partition: 'aws', ...home })
  const entries = { 'table/eu-west-1': { id: 'T', settled: true, desired: { tableName: 'T' } } }
  const good = sealed({ ...state, entries })
  const random = seededRandom(5)
  for (let run = 0; run < 12; run++) {
    const { bytes } = mutate(good, random, 0)
    if (isSame(bytes.toString(), good)) continue
    writeFileSync(file, bytes)
    await refuses(/The state file .*multiregion-dev\.json (is|does|was|cannot)/)
  }
  assert.equal(existsSync(file), false)
})

/** Line ends and spaces are no damage. */
function isSame(text: string, good: string): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(JSON.parse(good))
  } catch {
    return false
  }
}
