// A hundred secrets in credentials, profile files, proxies and the environment of whoever runs the tool: after a life with a
// failure, an interruption and an error in it, none of them is in what was printed or in any file that was written.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { LocalStatus } from '../../src/local/door.js'
import { Project, type Ran } from './project.js'

let project: Project
const secrets = new Map<string, string>()
let said = ''

/** A secret that is found by its own letters wherever it leaks to; the name says where it came from. */
function secret(name: string): string {
  const value = `canary${randomBytes(12).toString('hex')}`
  secrets.set(value, name)
  return value
}

const NAMES = [
  ...['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_CONTAINER_AUTHORIZATION_TOKEN'],
  ...['NPM_TOKEN', 'NODE_AUTH_TOKEN', 'GITHUB_TOKEN', 'GH_TOKEN', 'CI_JOB_TOKEN', 'SSH_PASSPHRASE'],
  ...['DATABASE_PASSWORD', 'STRIPE_API_KEY', 'OPENAI_API_KEY', 'SLACK_WEBHOOK', 'JWT_SECRET', 'VAULT_TOKEN'],
]
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy']

/** What an operator has around him; the endpoint is a password's place, too. */
function surroundings(): Record<string, string> {
  const home = path.join(project.folder, 'home')
  mkdirSync(path.join(home, '.aws'), { recursive: true })
  const profile = (name: string) =>
    `[${name}]\naws_access_key_id = ${secret(`${name}'s key`)}\naws_secret_access_key = ${secret(`${name}'s secret`)}\n`
  writeFileSync(path.join(home, '.aws/credentials'), ['default', 'work'].map(profile).join('\n'))
  writeFileSync(path.join(home, '.npmrc'), `//registry.npmjs.org/:_authToken=${secret('.npmrc')}\n`)
  writeFileSync(path.join(home, 'token'), secret('a web identity token'))
  const variables: Record<string, string> = {
    HOME: home,
    AWS_SHARED_CREDENTIALS_FILE: path.join(home, '.aws/credentials'),
    AWS_WEB_IDENTITY_TOKEN_FILE: path.join(home, 'token'),
  }
  for (const name of NAMES) variables[name] = secret(name)
  for (const name of PROXIES) variables[name] = `http://me:${secret(name)}@127.0.0.1:9`
  for (let number = 1; secrets.size < 98; number++) variables[`APP_${number}`] = secret(`APP_${number}`)
  return variables
}

let variables: Record<string, string>
const run = (...args: string[]) => keep(project.runWith(variables, ...args))

async function keep(ran: Promise<Ran>): Promise<Ran> {
  const { stdout, stderr } = await ran
  said += stdout + stderr
  return ran
}

before(async () => {
  project = new Project()
  variables = surroundings()
  const { code, stderr } = await run('local', 'start', '--profile', 'instant')
  assert.equal(code, 0, stderr)
})
after(() => project.remove())

test('a life of a stack, with a failure and an interruption', async () => {
  const domainOf = (domain: string) => project.edit((config) => Object.assign(config, { domain }))
  domainOf('api.nowhere.test')
  assert.equal((await run('up', '--local', '--yes', '--verbose', '--json')).code, 1)
  domainOf('multiregion.example.com')
  const child = project.startWith(variables, 'up', '--local', '--yes', '--verbose')
  const ended = new Promise((resolve) => child.on('close', resolve))
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (chunk) => {
      said += chunk
      if (/creating table/.test(said)) child.kill('SIGINT')
    })
  assert.equal(await ended, 130)
  const up = await run('up', '--local', '--yes', '--verbose', '--json')
  assert.equal(up.code, 0, up.stderr)
})

test('requests with secrets in their headers', async () => {
  const { edgeUrl } = JSON.parse((await run('local', 'status', '--json')).stdout) as LocalStatus
  const headers = {
    authorization: `Bearer ${secret('an Authorization header')}`,
    cookie: `session=${secret('a cookie')}`,
  }
  const posted = await fetch(`${edgeUrl}/item`, { method: 'POST', headers, body: '{"id": 7, "name": "x"}' })
  assert.equal(posted.status, 201)
  await fetch(`${edgeUrl}/item/seven`, { headers })
  for (const args of [
    ['local', 'logs'],
    ['local', 'logs', '--json'],
    ['local', 'status'],
  ])
    await run(...args)
})

test('looks at it, on AWS too, where nobody answers', async () => {
  for (const args of [
    ['state', 'show', '--local', '--json'],
    ['plan', '--local', '--verbose', '--json'],
    ['status', '--local', '--verbose', '--json'],
  ])
    assert.equal((await run(...args)).code, 0, args.join(' '))
  const closed = { AWS_ENDPOINT_URL: `http://me:${secrets.keys().next().value}@127.0.0.1:1` }
  for (const more of [closed, { ...closed, AWS_PROFILE: 'nobody' }, { AWS_PROFILE: 'work', ...closed }]) {
    const ran = await keep(project.runWith({ ...variables, ...more }, 'plan', '--verbose', '--json'))
    assert.equal(ran.code, 1)
  }
  writeFileSync(
    variables.AWS_SHARED_CREDENTIALS_FILE!,
    `[default\naws_secret_access_key ${secret('a bad file')}`,
  )
  const {
    AWS_ACCESS_KEY_ID: _id,
    AWS_SECRET_ACCESS_KEY: _key,
    AWS_WEB_IDENTITY_TOKEN_FILE: _file,
    ...bare
  } = variables
  const broken = await keep(project.runWith({ ...bare, ...closed }, 'plan', '--verbose', '--json'))
  assert.equal(broken.code, 1)
  assert.match(broken.stderr, /^next: \S/m)
})

test('a variable of a function is told by its name, not by its value', async () => {
  const value = secret("a function's variable")
  project.edit((config) => {
    const { putItem } = config.functions as Record<string, { environment?: object }>
    putItem!.environment = { API_KEY: value }
  })
  const plan = await run('plan', '--local', '--verbose')
  assert.match(plan.stdout, /environment\.API_KEY: not set -> set/)
  assert.equal((await run('up', '--local', '--yes', '--verbose')).code, 0)
  assertUnsaid()
  secrets.delete(value)
})

test('down, and nothing of them anywhere', async () => {
  assert.ok(secrets.size >= 100, `${secrets.size} secrets`)
  assertUnsaid()
  assert.deepEqual(leaks(path.join(project.folder, '.multiregion')), [])
  const down = await run('down', '--local', '--yes', '--verbose', '--json')
  assert.equal(down.code, 0, down.stderr)
  assertUnsaid()
  assert.deepEqual(leaks(path.join(project.folder, '.multiregion')), [])
})

function assertUnsaid(): void {
  assert.ok(said.length > 10_000)
  assert.deepEqual(
    [...secrets].filter(([value]) => said.includes(value)).map(([, name]) => name),
    [],
  )
}

/** As `its file: whose secret`. */
function leaks(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile())
  assert.ok(files.length > 10)
  return files.flatMap((file) => {
    const text = readFileSync(file, 'latin1')
    return [...secrets].filter(([value]) => text.includes(value)).map(([, name]) => `${file}: ${name}`)
  })
}
