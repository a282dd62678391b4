// Bad input at the front door, with no credentials and no network: one clear error each, the exit code of the contract,
// a next command, no stack, and nothing made.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { Project } from '../journeys/project.js'

type Config = Record<string, unknown> & {
  functions: Record<string, Record<string, unknown>>
  healthCheck?: Record<string, unknown>
  table: Record<string, unknown>
}

interface Case {
  readonly what: string
  readonly edit?: (config: Config) => void
  readonly prepare?: (folder: string) => void
  /** Default: `up --yes`. */
  readonly args?: readonly string[]
  /** Default: 64. */
  readonly exit?: number
  readonly says: RegExp
}

const CLI = path.resolve(import.meta.dirname, '../../bin/multiregion.js')

let project: Project

before(() => {
  project = new Project()
})
after(() => rmSync(project.folder, { recursive: true, force: true }))

const write = (folder: string, name: string, text: string) => writeFileSync(path.join(folder, name), text)

const ARGUMENTS: readonly Case[] = [
  { what: 'no verb', args: [], says: /Usage: multiregion/ },
  { what: 'an unknown verb', args: ['deploy'], says: /unknown command 'deploy'/ },
  { what: 'an unknown option', args: ['up', '--yes', '--fast'], says: /unknown option '--fast'/ },
  { what: 'an option without its value', args: ['up', '--yes', '--config'], says: /--config/ },
  {
    what: 'an option given twice',
    args: ['failover', '--region', 'eu-west-1', '-r', 'us-east-1', '--local'],
    says: /'-r, --region <region>' is given twice/,
  },
  { what: 'a word too many', args: ['up', '--yes', 'now'], says: /too many arguments/ },
  { what: 'up without --yes and no terminal', args: ['up'], says: /asks before it acts[\s\S]*up --yes/ },
  {
    what: 'down without --yes and no terminal',
    args: ['down'],
    says: /asks before it acts[\s\S]*down --yes/,
  },
  { what: 'failover without a region', args: ['failover'], says: /--region <region>' not specified/ },
  {
    what: 'a mode that is none',
    args: ['failover', '--region', 'eu-west-1', '--mode', 'magic'],
    says: /Allowed choices are article/,
  },
  {
    what: 'an address to adopt that is misspelt',
    args: ['up', '--yes', '--adopt', 'tabel/eu-west-1'],
    says: /--adopt tabel\/eu-west-1 is no resource of this stack[\s\S]*Did you mean --adopt table\/eu-west-1\?/,
  },
  {
    what: 'an address to adopt that is far from any',
    args: ['plan', '--adopt', 'table/eu-west-1', 'x'],
    says: /--adopt x is no[\s\S]*can be adopted: table\/eu-west-1, role\/eu-west-1\/getItem, /,
  },
  {
    what: 'an address to adopt that cannot be',
    args: ['plan', '--adopt', 'replica/us-east-1'],
    says: /takes tags can \(table, role, log-group, function, domain-name\)[\s\S]*what it hangs on/,
  },
  { what: 'unlock without a nonce', args: ['state', 'unlock'], says: /missing required argument 'nonce'/ },
  { what: 'takeover without a region', args: ['state', 'takeover'], says: /required option '--to <region>'/ },
  { what: 'unlock where nothing is locked', args: ['state', 'unlock', 'abc'], exit: 1, says: /No run holds/ },
  { what: 'an unknown local verb', args: ['local', 'restart'], says: /unknown command 'restart'/ },
  { what: 'unlock with an empty nonce', args: ['state', 'unlock', ''], says: /nonce is empty/ },
  {
    what: 'a lineage that is empty',
    args: ['state', 'rebuild', '--yes', '--lineage', ''],
    says: /--lineage "" is no lineage[\s\S]*state rebuild/,
  },
  {
    what: 'a part of a lineage',
    args: ['state', 'rebuild', '--yes', '--lineage', 'a4de9b63'],
    says: /--lineage "a4de9b63" is no lineage/,
  },
  {
    what: 'a time scale that is no number',
    args: ['local', 'start', '--time-scale', 'fast'],
    says: /--time-scale fast is not a number/,
  },
  {
    what: 'a time scale of 0',
    args: ['local', 'start', '--time-scale', '0'],
    says: /--time-scale 0 is not a number/,
  },
  {
    what: 'a profile that is none',
    args: ['local', 'start', '--profile', 'slow'],
    says: /Allowed choices are realistic, instant/,
  },
  {
    what: 'local env where nothing runs',
    args: ['local', 'env'],
    exit: 1,
    says: /not running[\s\S]*local start/,
  },
  { what: 'local reset without --yes', args: ['local', 'reset'], says: /local reset --yes/ },
  {
    what: 'a config that is not there',
    args: ['up', '--yes', '--config', 'nope.json'],
    says: /There is no config file nope\.json/,
  },
  { what: 'a config that is a folder', args: ['up', '--yes', '--config', 'config'], says: /is a folder/ },
  { what: 'no credentials', exit: 1, says: /AWS does not know who is calling[\s\S]*--local/ },
  { what: 'status without credentials', args: ['status'], exit: 1, says: /AWS does not know who is calling/ },
]

const CONFIGS: readonly Case[] = [
  {
    what: 'no JSON',
    prepare: (folder) => write(folder, 'config/regions.json', '{ "name": '),
    says: /line 1, column/,
  },
  {
    what: 'an empty file',
    prepare: (folder) => write(folder, 'config/regions.json', ''),
    says: /regions\.json/,
  },
  {
    what: 'an unknown key',
    edit: (config) => Object.assign(config, { regoins: [] }),
    says: /regoins[\s\S]*did you mean "?regions/i,
  },
  {
    what: 'an unknown key inside',
    edit: (config) => Object.assign(config.functions.getItem!, { memory: 128 }),
    says: /functions\.getItem[\s\S]*memory/,
  },
  {
    what: 'an unknown region',
    edit: (config) => Object.assign(config, { regions: ['eu-west-1', 'eu-west-9'] }),
    says: /regions[\s\S]*eu-west-9/,
  },
  {
    what: 'one region',
    edit: (config) => Object.assign(config, { regions: ['eu-west-1'] }),
    says: /regions/,
  },
  {
    what: 'a region twice',
    edit: (config) => Object.assign(config, { regions: ['eu-west-1', 'eu-west-1'] }),
    says: /regions[\s\S]*twice/,
  },
  {
    what: 'a name that is too long',
    edit: (config) => Object.assign(config, { name: `a${'b'.repeat(50)}` }),
    says: /64/,
  },
  {
    what: 'a name with a space',
    edit: (config) => Object.assign(config, { name: 'my app' }),
    says: /name[\s\S]*my app/,
  },
  {
    what: 'a stage with a dash',
    edit: (config) => Object.assign(config, { stage: 'pre-prod' }),
    says: /stage/,
  },
  {
    what: 'a domain with a scheme',
    edit: (config) => Object.assign(config, { domain: 'https://example.com' }),
    says: /domain/,
  },
  {
    what: 'a wildcard domain',
    edit: (config) => Object.assign(config, { domain: '*.example.com' }),
    says: /domain/,
  },
  {
    what: 'two functions on one route',
    edit: ({ functions }) => Object.assign(functions.getItem!, { route: 'GET /health' }),
    says: /GET \/health/,
  },
  {
    what: 'two shapes of one path',
    edit: ({ functions }) =>
      Object.assign(functions, { other: { ...functions.getItem, route: 'GET /item/{id}' } }),
    says: /\{id\}/,
  },
  {
    what: 'a route without a method',
    edit: ({ functions }) => Object.assign(functions.getItem!, { route: '/item' }),
    says: /functions\.getItem\.route/,
  },
  {
    what: 'a reserved route',
    edit: ({ functions }) => Object.assign(functions.health!, { route: 'GET /ping' }),
    says: /ping/,
  },
  {
    what: 'an action of another service',
    edit: ({ functions }) => Object.assign(functions.getItem!, { actions: ['s3:GetObject'] }),
    says: /s3:GetObject/,
  },
  {
    what: 'a reserved variable',
    edit: ({ functions }) => Object.assign(functions.getItem!, { environment: { AWS_REGION: 'x' } }),
    says: /AWS_REGION/,
  },
  {
    what: 'too little memory',
    edit: ({ functions }) => Object.assign(functions.getItem!, { memoryMb: 64 }),
    says: /memoryMb/,
  },
  {
    what: 'a timeout beyond the API’s',
    edit: ({ functions }) => Object.assign(functions.getItem!, { timeoutSeconds: 60 }),
    says: /timeoutSeconds/,
  },
  {
    what: 'a health check of no function',
    edit: (config) => Object.assign(config, { healthCheck: { function: 'pulse' } }),
    says: /healthCheck\.function[\s\S]*pulse/,
  },
  {
    what: 'an interval that AWS has not',
    edit: (config) => Object.assign(config, { healthCheck: { intervalSeconds: 20 } }),
    says: /intervalSeconds/,
  },
  {
    what: 'two checker regions',
    edit: (config) => Object.assign(config, { healthCheck: { checkerRegions: ['eu-west-1', 'us-east-1'] } }),
    says: /checkerRegions/,
  },
  {
    what: 'a TTL of none',
    edit: (config) => Object.assign(config, { routing: { ttlSeconds: 0 } }),
    says: /ttlSeconds/,
  },
  {
    what: 'a retention that CloudWatch has not',
    edit: (config) => Object.assign(config, { logs: { retentionDays: 2 } }),
    says: /retentionDays/,
  },
  {
    what: 'a proof of no route',
    edit: (config) => Object.assign(config, { proof: { write: 'POST /items', read: 'GET /item/{itemId}' } }),
    says: /proof\.write/,
  },
  {
    what: 'a table name that is too short',
    edit: ({ table }) => Object.assign(table, { name: 'ab' }),
    says: /table\.name/,
  },
  {
    what: 'a key type that is none',
    edit: ({ table }) => Object.assign(table, { partitionKey: { name: 'id', type: 'number' } }),
    says: /partitionKey\.type/,
  },
  {
    what: 'a handler that is missing',
    edit: ({ functions }) => Object.assign(functions.getItem!, { handler: 'src/handlers/nope.ts' }),
    says: /nope\.ts/,
  },
  {
    what: 'a handler outside the project',
    edit: ({ functions }) => Object.assign(functions.getItem!, { handler: '../handler.ts' }),
    says: /functions\.getItem\.handler/,
  },
  {
    what: 'a handler that does not compile',
    prepare: (folder) => write(folder, 'src/handlers/broken.ts', 'export const handler = async ( => {}'),
    edit: ({ functions }) => Object.assign(functions.getItem!, { handler: 'src/handlers/broken.ts' }),
    says: /broken\.ts:1:\d+/,
  },
  {
    what: 'a handler that imports what is not installed',
    prepare: (folder) =>
      write(
        folder,
        'src/handlers/lost.ts',
        "import x from 'not-installed-anywhere'\nexport const handler = async () => x",
      ),
    edit: ({ functions }) => Object.assign(functions.getItem!, { handler: 'src/handlers/lost.ts' }),
    says: /not-installed-anywhere/,
  },
  {
    what: 'a handler that exports none',
    prepare: (folder) => write(folder, 'src/handlers/none.ts', 'export const other = 1'),
    edit: ({ functions }) => Object.assign(functions.getItem!, { handler: 'src/handlers/none.ts' }),
    says: /must export `handler`/,
  },
]

for (const { what, edit, prepare, args = ['up', '--yes'], exit = 64, says } of [...ARGUMENTS, ...CONFIGS])
  test(`${what}: ${exit}`, async () => {
    const one = edit || prepare ? new Project() : project
    try {
      prepare?.(one.folder)
      if (edit) one.edit(edit as (config: Record<string, unknown>) => void)
      const { code, stdout, stderr } = await one.run(...args)
      assert.equal(code, exit, stderr)
      assert.match(stderr + stdout, says)
      if (args.length > 0) assert.match(stderr, /^next: \S/m)
      assert.doesNotMatch(stderr, /\n\s+at .*[:(]\d+/)
      assert.equal(existsSync(path.join(one.folder, '.multiregion/multiregion-dev.json')), false)
      assert.equal(existsSync(path.join(one.folder, '.multiregion/multiregion-dev.json.lock')), false)
    } finally {
      if (one !== project) rmSync(one.folder, { recursive: true, force: true })
    }
  })

test('a result that cannot be printed is no success', {
  skip: !existsSync('/dev/full') && 'no /dev/full',
}, () => {
  const run = (redirected: string) =>
    spawnSync('sh', ['-c', `exec ${process.execPath} ${CLI} local status ${redirected}`], {
      cwd: project.folder,
      encoding: 'utf8',
    })
  const lost = run('>/dev/full')
  assert.equal(lost.status, 1)
  assert.match(lost.stderr, /the result could not be printed: ENOSPC/)
  assert.equal(run('2>/dev/full').status, 0)
})

test('with --json the error is one object on stdout', async () => {
  for (const args of [['up', '--yes'], ['up'], ['nonsense'], ['status', '--config', os.tmpdir()]]) {
    const { code, stdout } = await project.run(...args, '--json')
    assert.notEqual(code, 0)
    const { schemaVersion, error } = JSON.parse(stdout)
    assert.equal(schemaVersion, 1)
    for (const member of ['code', 'message', 'hint']) assert.ok(error[member].length > 0, member)
  }
})

test('a state that is damaged, newer or of another account is not touched', async () => {
  const folder = path.join(project.folder, '.multiregion/local')
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, 'multiregion-dev.json')
  for (const text of [
    '',
    '{',
    '[]',
    '{"format":"multiregion-state","version":1}',
    '{"format":"multiregion-state","version":99}',
  ]) {
    writeFileSync(file, text)
    const { code, stderr } = await project.run('up', '--local', '--yes')
    assert.equal(code, 1, stderr)
    assert.match(stderr, /The state file .*multiregion-dev\.json/)
    assert.doesNotMatch(stderr, /\n\s+at .*[:(]\d+/)
  }
  await project.run('local', 'stop')
})
