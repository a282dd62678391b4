// The daemon of the local cloud at the front door: one that does not answer, one that is gone, what a start remembers, and
// the caller's own AWS settings around it. Its files are `local-data.test.ts`'s.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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

describe('a process that does not answer', () => {
  afterEach(stop)

  test('is said to be there, with its pid, and no verb suggests to lose its data; stop ends it', {
    timeout: 120_000,
  }, async () => {
    const { pid } = await start('--profile', 'instant')
    process.kill(pid, 'SIGSTOP')
    const there = new RegExp(`is there \\(pid ${pid}\\), but it does not answer`)
    for (const args of [
      ['up', '--local', '--yes'],
      ['local', 'status'],
    ]) {
      const ran = await project.run(...args)
      assertTold(ran, there, /multiregion local stop/)
      assert.doesNotMatch(ran.stderr, /reset/)
    }
    const stopped = await project.run('local', 'stop')
    assert.match(stopped.stdout, new RegExp(`pid ${pid}\\) did not answer and was killed`))
    assert.throws(() => process.kill(pid, 0), /ESRCH/)
    assert.match((await project.run('local', 'stop')).stdout, /was not running/)
  })

  test('a record of a process that is gone, or of another one, counts as none', async () => {
    const { pid } = await start()
    const record = JSON.parse(readFileSync(fileOf('daemon.json'), 'utf8'))
    process.kill(pid, 'SIGKILL')
    for (const stale of [record, { ...record, pid: process.pid }]) {
      writeFileSync(fileOf('daemon.json'), JSON.stringify(stale))
      assert.deepEqual(await project.json('local', 'status'), { schemaVersion: 1, running: false })
      assert.equal((await stop()).stopped, false)
    }
  })
})

describe('a start remembers what was chosen', () => {
  afterEach(stop)

  test('for the starts that say nothing, until it is chosen anew', async () => {
    const chosen = await start('--profile', 'instant', '--time-scale', '7', '--seed', '42', '--enforce-iam')
    const of = ({ profile, timeScale, seed, enforceIam }: LocalStatus) => ({
      profile,
      timeScale,
      seed,
      enforceIam,
    })
    const wish = { profile: 'instant', timeScale: 7, seed: 42, enforceIam: true }
    assert.deepEqual(of(chosen), wish)
    const other = await project.run('local', 'start', '--seed', '43')
    assertTold(
      other,
      /runs already, with profile instant at scale 7, seed 42, IAM enforced/,
      /local stop/,
      64,
    )
    await stop()
    assert.deepEqual(of(await start()), wish)
    await stop()
    assert.deepEqual(of(await start('--profile', 'realistic', '--no-enforce-iam')), {
      ...{ profile: 'realistic', timeScale: 20, seed: 42, enforceIam: false },
    })
  })

  test('a seed that is none is refused', async () => {
    assertTold(await project.run('local', 'start', '--seed', 'x'), /--seed x is not/, /--seed 7/, 64)
  })
})

describe('a start that enforces a policy which is none', () => {
  const cases: readonly [what: string, text: string | undefined, says: RegExp][] = [
    ['a file that is not there', undefined, /--enforce-iam .*policy\.json: ENOENT/],
    ['a file that is not JSON', 'x', /--enforce-iam .*policy\.json is not JSON/],
    ['a file that is too long', ' '.repeat(65_537), /--enforce-iam .*policy\.json is too long/],
    ['a policy that IAM refuses', '{}', /IAM refuses the policy: MalformedPolicyDocument/],
    ['one nested without end', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, /MalformedPolicyDocument/],
  ]
  for (const [what, text, says] of cases)
    test(`${what}: nothing is started`, async () => {
      const file = path.join(project.folder, 'policy.json')
      rmSync(file, { force: true })
      if (text !== undefined) writeFileSync(file, text)
      const ran = await project.run('local', 'start', '--enforce-iam', file)
      assert.match(ran.stderr, says)
      assert.doesNotMatch(ran.stderr, /\n\s+at |bug/)
      assert.notEqual(ran.code, 0)
      assert.deepEqual(await project.json('local', 'status'), { schemaVersion: 1, running: false })
    })

  test('one that IAM takes holds from the first call on, and a refused one changes nothing', async () => {
    const file = path.join(project.folder, 'policy.json')
    const policy = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'lambda:*', Resource: '*' }],
    }
    writeFileSync(file, JSON.stringify(policy))
    assert.equal((await start('--enforce-iam', file)).enforceIam, true)
    writeFileSync(file, '{}')
    const ran = await project.run('local', 'start', '--enforce-iam', file)
    assertTold(ran, /IAM refuses the policy/, /multiregion policy/)
    const plan = await project.run('plan', '--local')
    assert.match(plan.stderr, /AccessDenied|not authorized/)
    await stop()
    await start('--no-enforce-iam')
    await stop()
  })
})

describe('stop and reset while it comes up', () => {
  test('wait for it: nothing is left running', async () => {
    for (const verb of [['stop'], ['reset', '--yes']]) {
      const starting = project.run('local', 'start', '--profile', 'instant')
      while (!existsSync(`${dataDir}.lock`)) await new Promise((resolve) => setTimeout(resolve, 5))
      const ended = await project.run('local', ...verb)
      assert.equal(ended.code, 0, ended.stderr)
      assert.equal((await starting).code, 0)
      assert.deepEqual(await project.json('local', 'status'), { schemaVersion: 1, running: false })
      assert.equal(existsSync(fileOf('settings.json')), verb[0] === 'stop')
    }
    assert.equal(existsSync(path.dirname(dataDir)), false, 'an empty folder is left')
  })

  test('a killed one is told from one that was stopped', async () => {
    const { pid } = await start('--profile', 'instant')
    process.kill(pid, 'SIGKILL')
    const { stdout } = await project.run('local', 'status')
    assert.match(stdout, /not running: it ended without a stop/)
    await start()
    const mars = await project.run('local', 'logs', '--region', 'mars')
    assertTold(mars, /--region mars is no region of AWS/, /eu-west-1/, 64)
    await stop()
    assert.match((await project.run('local', 'status')).stdout, /not running\. Start it/)
  })
})

test("the caller's own AWS settings do not reach the local cloud", async () => {
  await start('--profile', 'instant')
  const config = path.join(project.folder, 'aws-config')
  writeFileSync(
    config,
    '[default]\nuse_fips_endpoint = true\nendpoint_url = http://127.0.0.1:1\nretry_mode = wrong\n',
  )
  const plan = (variables: Record<string, string>) => project.runWith(variables, 'plan', '--local', '--json')
  const clean = await plan({})
  assert.equal(clean.code, 0, clean.stderr)
  const around: Record<string, string> = {
    AWS_USE_FIPS_ENDPOINT: 'true',
    AWS_USE_DUALSTACK_ENDPOINT: 'true',
    AWS_DEFAULTS_MODE: 'nonsense',
    AWS_RETRY_MODE: 'nonsense',
    AWS_MAX_ATTEMPTS: 'x',
    AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1',
    AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
    AWS_PROFILE: 'nobody',
    AWS_CONFIG_FILE: config,
    AWS_ACCESS_KEY_ID: 'AKIAOTHER',
    AWS_SECRET_ACCESS_KEY: 'other',
    AWS_SESSION_TOKEN: 'other',
    AWS_REGION: 'ap-south-1',
  }
  const ran = await plan(around)
  assert.equal(ran.code, 0, ran.stderr)
  assert.deepEqual(JSON.parse(ran.stdout).changes, JSON.parse(clean.stdout).changes)
})
