// Faults of the surroundings at the front door: a lock that is held, a state that is damaged or of another account, an
// endpoint that is closed, folders that cannot be written. AWS is a server that knows who is calling and nothing else.
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { newState, StateFile } from '../../src/state/file.js'
import { acquireLock } from '../../src/state/lock.js'
import { Project, type Ran } from '../journeys/project.js'

const ACCOUNT = '123456789012'
let calls: string[] = []
let silent = false

const sts = http.createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => {
    body += chunk
  })
  request.on('end', () => {
    calls.push(/Action=(\w+)/.exec(body)?.[1] ?? String(request.url))
    if (silent) return
    const known = body.includes('Action=GetCallerIdentity')
    const identity = `<Arn>arn:aws:iam::${ACCOUNT}:user/me</Arn><UserId>me</UserId><Account>${ACCOUNT}</Account>`
    const result = `<GetCallerIdentityResult>${identity}</GetCallerIdentityResult>`
    const refusal = '<Error><Code>AccessDenied</Code><Message>you may not</Message></Error>'
    response
      .writeHead(known ? 200 : 403, { 'content-type': 'text/xml' })
      .end(
        known
          ? `<GetCallerIdentityResponse>${result}</GetCallerIdentityResponse>`
          : `<ErrorResponse>${refusal}<RequestId>request-1</RequestId></ErrorResponse>`,
      )
  })
})
let known: Record<string, string>
let project: Project

before(async () => {
  await once(sts.listen(0, '127.0.0.1'), 'listening')
  known = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(sts.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'AKIATEST',
    AWS_SECRET_ACCESS_KEY: 'test',
  }
  project = new Project()
})
after(() => {
  sts.close()
  sts.closeAllConnections()
  rmSync(project.folder, { recursive: true, force: true })
})

const stateFileOf = (folder: string) => path.join(folder, '.multiregion/multiregion-dev.json')

/** One clear error: its words, a next command, no stack; with `--json` on stdout as well. */
function assertTold({ code, stdout, stderr }: Ran, exit: number, says: RegExp): void {
  assert.equal(code, exit, stderr)
  assert.match(stderr, says)
  assert.match(stderr, /^next: \S/m)
  assert.doesNotMatch(stderr, /\n\s+at /)
  const { schemaVersion, error } = JSON.parse(stdout)
  assert.equal(schemaVersion, 1)
  for (const member of ['code', 'message', 'hint']) assert.ok(error[member].length > 0, member)
}

const told = async (ran: Promise<Ran>, exit: number, says: RegExp) => assertTold(await ran, exit, says)

test('credentials that no header can carry: said to be it, not the endpoint', async () => {
  const odd = { ...known, AWS_SESSION_TOKEN: 'a\nb' }
  await told(project.runWith(odd, 'plan', '--json'), 1, /credentials hold a character that no key has/)
})

describe('no one who answers', () => {
  test('a closed port: names it, and makes nothing', async () => {
    const closed = { ...known, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }
    await told(
      project.runWith(closed, 'up', '--yes', '--json'),
      1,
      /AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:1/,
    )
    assert.equal(existsSync(path.join(project.folder, '.multiregion')), false)
  })

  test('an endpoint that knows us and refuses the rest: the call and AWS’s words', async () => {
    await told(project.runWith(known, 'up', '--yes', '--json'), 1, /answered AccessDenied: you may not/)
    assert.deepEqual(readdirSync(path.join(project.folder, '.multiregion')), [])
  })

  const variables: Record<string, Record<string, string>> = {
    'a token file that is not there': {
      AWS_WEB_IDENTITY_TOKEN_FILE: '/nowhere/token',
      AWS_ROLE_ARN: `arn:aws:iam::${ACCOUNT}:role/r`,
    },
    'a credentials file that is none': { AWS_SHARED_CREDENTIALS_FILE: process.execPath },
    'a credentials file that is a folder': { AWS_SHARED_CREDENTIALS_FILE: os.tmpdir() },
  }
  for (const [what, own] of Object.entries(variables))
    test(what, async () => {
      const ran = await project.runWith(own, 'plan', '--json')
      assertTold(ran, 1, /AWS does not know who is calling/)
      assert.match(ran.stderr, /next: .*aws sts get-caller-identity/)
    })

  test('a profile that is not there', async () => {
    await told(project.runWith({ AWS_PROFILE: 'nobody' }, 'plan', '--json'), 1, /AWS_PROFILE=nobody/)
  })
})

describe('a region that is none of the stack', () => {
  for (const verb of ['failover', 'failback'])
    test(`${verb}: 64 without credentials and without a call`, async () => {
      calls = []
      await told(project.run(verb, '--region', 'eu-west-9', '--json'), 64, /eu-west-9.*eu-west-1, us-east-1/)
      await told(project.runWith(known, verb, '--region', 'ap-south-1', '--json'), 64, /ap-south-1/)
      assert.deepEqual(calls, [])
    })

  test('one of the stack of which nothing is known here: says so', async () => {
    await told(
      project.runWith(known, 'failover', '--region', 'eu-west-1', '--json'),
      1,
      /no state of multiregion-dev here, so nothing is known of eu-west-1/,
    )
  })
})

describe('a lock that is held', () => {
  test('4, naming the owner; the nonce frees it where that run does not go on here, another nonce does not', async () => {
    const stateFile = stateFileOf(project.folder)
    const lock = await acquireLock(stateFile, 'multiregion down')
    try {
      const refused = await project.runWith(known, 'up', '--yes', '--json')
      assertTold(refused, 4, new RegExp(`pid ${process.pid}.*"multiregion down"`))
      const nonce = /state unlock ([0-9a-f-]{36})/.exec(refused.stderr)?.[1]
      assert.ok(nonce, refused.stderr)
      await told(project.run('state', 'unlock', 'another', '--json'), 1, /under another nonce/)
      const goesOn = new RegExp(`goes on here.*\\n.*kill ${process.pid}`)
      await told(project.run('state', 'unlock', nonce, '--json'), 4, goesOn)
      assert.ok(existsSync(`${stateFile}.lock`))
      const owner = JSON.parse(readFileSync(`${stateFile}.lock`, 'utf8'))
      writeFileSync(`${stateFile}.lock`, JSON.stringify({ ...owner, host: 'build-7' }))
      assert.equal((await project.run('state', 'unlock', nonce)).code, 0)
      assert.equal(existsSync(`${stateFile}.lock`), false)
    } finally {
      await lock.release()
    }
  })

  test('what only reads does not ask for it', async () => {
    const lock = await acquireLock(stateFileOf(project.folder), 'multiregion up')
    const { code, stderr } = await project.runWith(known, 'plan')
    await lock.release()
    assert.equal(code, 1)
    assert.match(stderr, /AccessDenied/)
  })

  test('a lock file that is none: not taken, not a bug', async () => {
    const file = `${stateFileOf(project.folder)}.lock`
    writeFileSync(file, 'mine')
    await told(project.runWith(known, 'up', '--yes', '--json'), 1, /not readable as one/)
    assert.equal(readFileSync(file, 'utf8'), 'mine')
    rmSync(file)
  })
})

describe('a state that is no good', () => {
  const good = async (account: string, other: { partition?: string; stack?: string } = {}) => {
    const home = { home: 'eu-west-1', regions: ['eu-west-1', 'us-east-1'] }
    const state = newState({ stack: 'multiregion-dev', account, partition: 'aws', ...home, ...other })
    await new StateFile(stateFileOf(project.folder), state).save(state)
    return readFileSync(stateFileOf(project.folder), 'utf8')
  }
  const cases: readonly [what: string, text: () => Promise<string>, says: RegExp][] = [
    ['empty', async () => '', /not whole JSON/],
    ['torn', async () => (await good(ACCOUNT)).slice(0, 100), /not whole JSON/],
    ['edited', async () => (await good(ACCOUNT)).replace('"serial": 1', '"serial": 7'), /checksum/],
    ['newer', async () => (await good(ACCOUNT)).replace('"version": 2', '"version": 3'), /newer multiregion/],
    ["another account's", () => good('210987654321'), /account 210987654321.*123456789012/],
    ["another partition's", () => good(ACCOUNT, { partition: 'aws-cn' }), /\(aws-cn\).*\(aws\)/],
    ["another stack's", () => good(ACCOUNT, { stack: 'shop-dev' }), /belongs to the stack shop-dev/],
  ]
  for (const [what, text, says] of cases)
    for (const args of [['up', '--yes'], ['down', '--yes'], ['status']])
      test(`${what}: ${args[0]} refuses, and leaves it as it is`, async () => {
        const file = stateFileOf(project.folder)
        const written = await text()
        writeFileSync(file, written)
        await told(project.runWith(known, ...args, '--json'), 1, says)
        assert.equal(readFileSync(file, 'utf8'), written)
        assert.deepEqual(readdirSync(path.dirname(file)), ['multiregion-dev.json'])
        rmSync(file)
      })

  test('a home that the config has moved: 64 before anything is called', async () => {
    const one = new Project()
    const home = { home: 'eu-west-1', regions: ['eu-west-1', 'us-east-1'] }
    const state = newState({ stack: 'multiregion-dev', account: ACCOUNT, partition: 'aws', ...home })
    const entries = { 'table/eu-west-1': { id: 'MyGlobalTable', settled: true } }
    await new StateFile(stateFileOf(one.folder), state).save({ ...state, entries })
    one.edit((config) => Object.assign(config, { regions: ['us-east-1', 'eu-west-1'] }))
    await told(one.runWith(known, 'up', '--yes', '--json'), 64, /home region of this stack is eu-west-1/)
    one.edit((config) => Object.assign(config, { regions: ['us-east-1', 'us-west-2'] }))
    await told(one.runWith(known, 'plan', '--json'), 64, /eu-west-1 was taken out/)
    rmSync(one.folder, { recursive: true, force: true })
  })
})

test('a project whose .multiregion is a file: an error of ours', async () => {
  const one = new Project()
  writeFileSync(path.join(one.folder, '.multiregion'), '')
  await told(one.runWith(known, 'up', '--yes', '--json'), 1, /cannot be made/)
  rmSync(one.folder, { recursive: true, force: true })
})

test('a lock of a killed run is taken over by the next', async () => {
  const stateFile = stateFileOf(project.folder)
  mkdirSync(path.dirname(stateFile), { recursive: true })
  const lock = await acquireLock(stateFile, 'multiregion up')
  const owner = JSON.parse(readFileSync(`${stateFile}.lock`, 'utf8'))
  await lock.release()
  writeFileSync(`${stateFile}.lock`, JSON.stringify({ ...owner, pid: 999_999_999 }))
  // There is nobody to tell whether something stands, so it ends there, and not at the lock.
  const { code, stderr } = await project.runWith(known, 'down', '--yes')
  assert.equal(code, 1, stderr)
  assert.doesNotMatch(stderr, /lock|holds this stack/)
  assert.equal(existsSync(`${stateFile}.lock`), false)
})

test('who does not answer is named while he is waited for', { timeout: 60_000 }, async () => {
  silent = true
  const child = project.startWith(known, 'status')
  try {
    let said = ''
    for await (const chunk of child.stderr!) {
      said += chunk
      if (/note: eu-west-1 has not answered sts:GetCallerIdentity/.test(said)) return
    }
    assert.fail(`it said only:\n${said}`)
  } finally {
    silent = false
    child.kill('SIGKILL')
  }
})

/** Fills as it speaks. */
function saidBy(child: ChildProcess): { stdout: string; stderr: string } {
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream]!.on('data', (chunk) => {
      said[stream] += chunk
    })
  return said
}

test('Ctrl-C while nobody answers: the second one leaves at once, with 130', {
  timeout: 60_000,
}, async () => {
  silent = true
  const asked = once(sts, 'request')
  const child = project.startWith(known, 'plan')
  const exited = once(child, 'exit')
  try {
    await Promise.race([asked, exited.then(() => assert.fail('it ended before it asked'))])
    child.kill('SIGINT')
    await Promise.race([once(child.stderr!, 'data'), exited])
    child.kill('SIGINT')
    const [code] = await exited
    assert.equal(code, 130)
  } finally {
    silent = false
    child.kill('SIGKILL')
  }
})

test('a polite kill while the handlers are bundled: 130, in words, and nothing is made', {
  timeout: 60_000,
}, async () => {
  const own = new Project()
  const slow = path.join(own.folder, 'src/handlers/slow.ts')
  execFileSync('mkfifo', [slow])
  const health = path.join(own.folder, 'src/handlers/health.ts')
  writeFileSync(health, `import './slow.js'\n${readFileSync(health, 'utf8')}`)
  const child = own.startWith(known, 'up', '--yes', '--json')
  const said = saidBy(child)
  const closed = once(child, 'close')
  try {
    // Opens when somebody reads it.
    const pipe = await open(slow, 'w')
    child.kill('SIGTERM')
    const [code, signal] = await closed
    await pipe.close()
    assertTold({ ...said, code, signal }, 130, /^error: Interrupted/m)
    assert.equal(existsSync(stateFileOf(own.folder)), false)
  } finally {
    child.kill('SIGKILL')
    rmSync(own.folder, { recursive: true, force: true })
  }
})

test('Ctrl-C once while nobody answers: ten seconds later an error of ours, with 130', {
  timeout: 60_000,
}, async () => {
  silent = true
  const asked = once(sts, 'request')
  const child = project.startWith(known, 'plan', '--json')
  const said = saidBy(child)
  const closed = once(child, 'close')
  try {
    await Promise.race([asked, closed.then(() => assert.fail('it ended before it asked'))])
    child.kill('SIGINT')
    const [code, signal] = await closed
    assertTold({ ...said, code, signal }, 130, /^error: Interrupted; everything up to here is saved\.$/m)
  } finally {
    silent = false
    child.kill('SIGKILL')
  }
})
