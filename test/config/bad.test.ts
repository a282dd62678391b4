// Every way in which a config can be wrong, one line each: where, what stands there instead, and what the error says.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parseConfig } from '../../src/config/load.js'
import { add, project, refusal, shipped, type Written } from './fixture.js'

const here = project()
before(() => mkdirSync(join(here.root, 'folder.ts')))
after(() => here.remove())

interface Told {
  readonly path: string
  readonly line: number
  readonly column: number
  readonly message: string
}

function problemsOf(text: string): { message: string; problems: readonly Told[] } {
  const { message, data } = refusal(() => parseConfig(text, here.configFile))
  return { message, problems: data.problems as Told[] }
}

const written = (edit: (config: Written) => void) => {
  const config = shipped()
  edit(config)
  return JSON.stringify(config, null, 2)
}

/** The path in dots, the value to put there (undefined takes the field out), and what the error says about it. */
type Bad = [path: string, value: unknown, says: RegExp]

const GONE = undefined
const env = 'functions.health.environment'
const handler = 'functions.getItem.handler'
const route = 'functions.getItem.route'
const long = (letters: number) => 'a'.repeat(letters)

const BAD: readonly Bad[] = [
  ['regoins', [], /is an unknown key; did you mean "regions"\?/],
  ['xyzzy', 1, /is an unknown key; there is \$schema, name/],
  ['functions.getItem.memoryMB', 1, /did you mean "memoryMb"/],
  ['name', GONE, /is missing\. Name of the stack/],
  ['name', 7, /must be a text in double quotes, not 7/],
  ['name', 'Multi', /lower-case letter.*not "Multi"/],
  ['stage', '', /not ""/],
  ['stage', 'dev-1', /not "dev-1"/],
  ['regions', 'eu-west-1', /must be a list, not "eu-west-1"/],
  ['regions', ['eu-west-1'], /must have at least 2 entries, not 1/],
  ['regions', ['eu-west-1', 'eu-west-1'], /must not name the same one twice/],
  ['regions.1', 'us-esat-1', /not "us-esat-1"; did you mean "us-east-1"/],
  ['regions.1', 'cn-north-1', /must be one of us-east-1/],
  ['state', { backend: 's3' }, /"?file"?, "?global-table"?, not "s3"|not "s3"/],
  ['state', { leaseSeconds: 1 }, /5.*not 1/],
  ['table.name', 'multiregion-dev-control', /that of the table for a shared state/],
  ['domain', GONE, /is missing\. Public name/],
  ['domain', 'Api.example.com', /must be in lower case, not "Api/],
  ['domain', 'https://api.example.com', /without https/],
  ['domain', '*.example.com', /must not be a wildcard/],
  ['domain', 'api.example.com.', /must not end with a dot/],
  ['domain', 'localhost', /two labels or more/],
  ['domain', 'a_b.example.com', /two labels or more/],
  ['domain', 'api..example.com', /two labels or more/],
  ['domain', 'api.example.c', /two labels or more/],
  ['domain', '192.0.2.1', /must be a DNS name/],
  ['domain', `${long(53)}.example.com`, /at most 64 characters.*\(1 fewer\)/],
  ['table', GONE, /is missing/],
  ['table.name', 'ab', /3 to 255/],
  ['table.name', 'My Table', /3 to 255/],
  ['table.partitionKey.type', 'number', /must be one of S, N, B, not "number"/],
  ['table.partitionKey.name', '', /at least 1 character/],
  ['table.sortKey', { name: 'id' }, /type is missing/],
  ['table.deletionProtection', 'yes', /must be true or false, not "yes"/],
  ['functions', [], /must be an object, not \[\]/],
  ['functions.getItem', 'src/x.ts', /must be an object/],
  ['functions.get-item', {}, /must begin with a letter/],
  [handler, '/etc/x.js', /relative to the project root/],
  [handler, 'C:/x.js', /relative to the project root/],
  [handler, 'src/../../x.ts', /inside the project root/],
  [handler, 'src\\x.ts', /written with \//],
  [handler, 'src/x.py', /a \.ts, \.mts, \.js or \.mjs file/],
  [handler, 'src/none.ts', /must be a file, but there is no .*src\/none\.ts/],
  [handler, 'folder.ts', /must be a file, but .*folder\.ts is none/],
  [route, GONE, /is missing/],
  [route, '/item/{itemId}', /must be a method/],
  [route, 'get /item/{itemId}', /must be a method/],
  [route, 'GET  /item/{itemId}', /one space/],
  [route, 'GET /item/{itemId}/', /must be a method/],
  [route, 'GET /item/{itemId', /must be a method/],
  [route, 'GET /item-{itemId}', /must be a method/],
  [route, 'GET /item/../{itemId}', /must not have \. or \.\./],
  [route, 'GET /a/{x}/b/{x}', /must not use a parameter name twice/],
  [route, 'GET /a/{x+}/b', /only at its end/],
  [route, 'GET /ping', /keeps for itself/],
  [route, 'GET /sping', /keeps for itself/],
  [route, 'OPTIONS /item', /belong to CORS/],
  ['functions.getItem.actions', GONE, /is missing/],
  ['functions.getItem.actions', ['dynamodb:Scan', 'dynamodb:Scan'], /same one twice/],
  ['functions.getItem.actions.0', 'dynamodb:GetItems', /did you mean "dynamodb:GetItem"/],
  ['functions.getItem.actions.0', 'dynamodb:DeleteTable', /not "dynamodb:DeleteTable"/],
  [`${env}.status`, 200, /must be a text in double quotes, not 200/],
  [`${env}.a-b`, '', /must begin with a letter/],
  [`${env}._HANDLER`, '', /must begin with a letter/],
  [`${env}.AWS_REGION`, '', /must not be a variable that Lambda reserves/],
  [`${env}.TABLE_NAME`, '', /must not be a variable that multiregion sets/],
  [env, { big: long(4096) }, /must fit into 4096 bytes.* it takes 4\d\d\d/],
  ['functions.health.memoryMb', 64, /must be at least 128, not 64/],
  ['functions.health.memoryMb', 128.5, /must be a whole number, not 128\.5/],
  ['functions.health.timeoutSeconds', 30, /must be at most 29, not 30/],
  ['logs', null, /must be an object, not null/],
  ['logs', { retentionDays: 10 }, /retentionDays must be one of 1, 3, 5.*, not 10/],
  ['healthCheck.function', 'helth', /must be the key of a function.*did you mean "health"/],
  ['healthCheck.function', 'toString', /must be the key of a function/],
  ['healthCheck.function', 'getItem', /a GET route without parameters; getItem has GET \/item/],
  ['healthCheck.function', 'putItem', /a GET route without parameters/],
  ['healthCheck.intervalSeconds', 20, /must be one of 10, 30, not 20/],
  ['healthCheck.failureThreshold', 0, /must be at least 1/],
  ['healthCheck.checkerRegions', ['us-east-1', 'eu-west-1'], /at least 3 entries, not 2/],
  ['healthCheck.checkerRegions.0', 'eu-west-2', /did you mean "eu-west-1"/],
  ['routing.type', 'alias', /must be "traffic-policy", not "alias"/],
  ['routing.ttlSeconds', 0, /must be at least 1, not 0/],
  ['proof.read', GONE, /is missing/],
  ['proof.write', 'POST /items', /the route of a function \(.*POST \/item;.*\), not "POST \/items"/],
  ['proof.write', 'GET /health', /a POST or PUT without parameters/],
  ['proof.read', 'GET /health', /exactly one parameter/],
]

describe('a config is refused with', () => {
  for (const [path, value, says] of BAD) {
    test(`${path}: ${JSON.stringify(value)?.slice(0, 60) ?? 'nothing'}`, () => {
      const keys = path.split('.')
      const text = written((config) => {
        const parent = keys.slice(0, -1).reduce((object, key) => object[key], config)
        parent[keys.at(-1)!] = value
      })
      const { message, problems } = problemsOf(text)
      const shown = path.replace(/\.(\d+)/g, '[$1]')
      const about = problems
        .filter((one) => one.path.startsWith(shown))
        .map((one) => `${one.path} ${one.message}`)
      assert.ok(
        about.some((line) => says.test(line)),
        `nothing like it about ${shown}: ${message}`,
      )
      for (const line of about) assert.ok(message.includes(line), message)
    })
  }

  const together: [what: string, edit: (config: Written) => void, path: string, says: RegExp][] = [
    [
      'a key with odd signs',
      (c) => Object.assign(c.table, { 'a b': 1 }),
      'table["a b"]',
      /is an unknown key/,
    ],
    [
      'no function at all',
      (c) => Object.assign(c, { functions: {} }),
      'healthCheck.function',
      /key of a function/,
    ],
    [
      'keys that differ in case',
      (c) => add(c, 'getitem', 'GET /x'),
      'functions.getitem',
      /must differ from getItem/,
    ],
    ['one sort and partition key', sortById, 'table.sortKey.name', /another attribute/],
    [
      'one route twice',
      (c) => add(c, 'twin', 'GET /item/{itemId}'),
      'functions.twin.route',
      /getItem has the same/,
    ],
    [
      'one shape twice',
      (c) => add(c, 'twin', 'GET /item/{id}'),
      'functions.twin.route',
      /must have \{itemId\} below \/item, as getItem/,
    ],
    [
      'sibling parameters',
      (c) => add(c, 'part', 'GET /item/{id}/part'),
      'functions.part.route',
      /below \/item/,
    ],
    [
      'a greedy sibling',
      (c) => add(c, 'rest', 'GET /item/{itemId+}'),
      'functions.rest.route',
      /below \/item/,
    ],
    ['siblings at the root', rootSiblings, 'functions.b.route', /must have \{a\} below \/, as a has it/],
    [
      'a long role name',
      (c) => Object.assign(c, { name: long(43) }),
      'functions.getItem',
      /role name a+-dev-getItem-eu-west-1, which has 65 characters, 1 more than AWS's 64/,
    ],
  ]
  for (const [what, edit, path, says] of together) {
    test(what, () => {
      const { message, problems } = problemsOf(written(edit))
      const problem = problems.find((one) => one.path === path)
      assert.ok(problem, `nothing about ${path}: ${message}`)
      assert.match(problem.message, says)
    })
  }
})

function sortById(config: Written) {
  config.table.sortKey = { name: 'id', type: 'N' }
}

function rootSiblings(config: Written) {
  add(config, 'a', 'GET /{a}')
  add(config, 'b', 'GET /{b}')
}

describe('the error', () => {
  test('lists all problems at once, in the order of the file', () => {
    const { message, problems } = problemsOf(
      written((config) => {
        Object.assign(config, { name: 'X', domain: 'localhost', extra: true })
        config.functions.getItem.memoryMb = 1
        config.functions.putItem.route = 'POST /item/'
        config.healthCheck.function = 'getItem'
      }),
    )
    assert.deepEqual(
      problems.map(({ path }) => path),
      [
        'name',
        'domain',
        'functions.getItem.memoryMb',
        'functions.putItem.route',
        'healthCheck.function',
        'extra',
      ],
    )
    assert.match(message, /has 6 problems:\n {2}line 3: name must/)
  })

  test('tells a single problem in one line', () => {
    const { message } = problemsOf(written((config) => Object.assign(config, { name: 'X' })))
    assert.match(message, /regions\.json, line 3: name must begin with a lower-case letter.*, not "X"$/)
  })

  test('has no second problem that follows from the first', () => {
    const { problems } = problemsOf(
      written((config) => Object.assign(config.functions.getItem, { route: 'GET x' })),
    )
    assert.deepEqual(
      problems.map(({ path }) => path),
      ['functions.getItem.route'],
    )
  })

  test('tells one misspelt key once', () => {
    const { message } = problemsOf(
      written((config) => {
        config.regoins = config.regions
        delete config.regions
      }),
    )
    assert.match(message, /: regoins is an unknown key; did you mean "regions"\?$/)
  })

  test('names the line and column', () => {
    const { problems } = problemsOf('{\n  "name": "ok",\n  "regions": ["eu-west-1",\n    "nowhere"]\n}')
    const { line, column } = problems.find(({ path }) => path === 'regions[1]')!
    assert.deepEqual([line, column], [4, 5])
  })
})
