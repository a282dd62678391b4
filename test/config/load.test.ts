// A good config becomes a complete Config; a file that is none is refused. Bad configs are in bad.test.ts.
import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { loadConfig, parseConfig } from '../../src/config/load.js'
import { add, project, refusal, shipped, type Written } from './fixture.js'

const here = project()
after(() => here.remove())

const parse = (written: unknown) => parseConfig(JSON.stringify(written, null, 2), here.configFile)

describe('a good config', () => {
  test('as shipped becomes the article', async () => {
    const config = await loadConfig('config/regions.json')
    assert.equal(config.root, process.cwd())
    assert.equal(config.stack, 'multiregion-dev')
    assert.deepEqual(config.regions, ['eu-west-1', 'us-east-1'])
    assert.equal(config.home, 'eu-west-1')
    assert.equal(config.domain, 'multiregion.example.com')
    assert.deepEqual(config.table, {
      name: 'MyGlobalTable',
      partitionKey: { name: 'id', type: 'N' },
      deletionProtection: true,
      pointInTimeRecovery: true,
    })
    assert.deepEqual(config.functions[2], {
      key: 'health',
      handlerFile: join(process.cwd(), 'src/handlers/health.ts'),
      route: 'GET /health',
      method: 'GET',
      path: '/health',
      actions: ['dynamodb:GetItem'],
      environment: { TABLE_NAME: 'MyGlobalTable', KEY_NAME: 'id', KEY_TYPE: 'N', status: '200' },
      memoryMb: 512,
      timeoutSeconds: 10,
    })
    assert.deepEqual(
      config.functions.map(({ key, method, path }) => [key, method, path]),
      [
        ['getItem', 'GET', '/item/{itemId}'],
        ['putItem', 'POST', '/item'],
        ['health', 'GET', '/health'],
      ],
    )
    assert.deepEqual(config.logs, { retentionDays: 14 })
    assert.deepEqual(config.proof, {
      write: { method: 'POST', path: '/item' },
      read: { method: 'GET', path: '/item/{itemId}', parameter: 'itemId' },
    })
  })

  test('may leave out whatever has a default', () => {
    const { name, regions, domain, table, functions } = shipped()
    const config = parse({ name, regions, domain, table, functions })
    assert.equal(config.stage, 'dev')
    assert.deepEqual(config.healthCheck, {
      function: 'health',
      intervalSeconds: 30,
      failureThreshold: 3,
      checkerRegions: ['us-east-1', 'eu-west-1', 'ap-southeast-1'],
    })
    assert.deepEqual(config.routing, { type: 'traffic-policy', rule: 'latency', ttlSeconds: 60 })
    assert.equal('proof' in config, false)
  })

  test('tells the functions of a sort key', () => {
    const written = shipped()
    written.table.sortKey = { name: 'at', type: 'S' }
    const { environment } = parse(written).functions[0]!
    assert.equal(environment.SORT_KEY_NAME, 'at')
    assert.equal(environment.SORT_KEY_TYPE, 'S')
  })

  test('may begin with a byte order mark, and is found from any folder', async () => {
    const file = here.write('config/bom.json', `\ufeff${JSON.stringify(shipped())}`)
    assert.equal((await loadConfig(file)).file, file)
    assert.equal((await loadConfig(file)).root, here.root)
  })

  const good: [string, (config: Written) => void][] = [
    ['a greedy last parameter', (c) => add(c, 'rest', 'GET /files/{path+}')],
    ['another method on one path', (c) => add(c, 'remove', 'DELETE /item/{itemId}')],
    ['the root', (c) => add(c, 'index', 'GET /')],
    ['a static part beside a parameter', (c) => add(c, 'latest', 'GET /item/latest')],
    ['the same parameter name at two places', (c) => add(c, 'sub', 'GET /other/{itemId}')],
    ['a key that every object has', (c) => add(c, 'constructor', 'GET /constructor')],
    ['a function without rights', (c) => Object.assign(c.functions.putItem, { actions: [] })],
    ['a role name of 64 characters', (c) => Object.assign(c, { name: `a${'b'.repeat(64 - 22 - 1)}` })],
    [
      'a handler in dot-slash',
      (c) => Object.assign(c.functions.health, { handler: './src/handlers/health.ts' }),
    ],
    ['a domain of 64 characters', (c) => Object.assign(c, { domain: `${'a'.repeat(52)}.example.com` })],
  ]
  for (const [what, edit] of good) {
    test(`may have ${what}`, () => {
      const written = shipped()
      edit(written)
      assert.ok(parse(written))
    })
  }
})

describe('a file that is none', () => {
  const cases: [string, () => string, RegExp][] = [
    ['is missing', () => join(here.root, 'config/none.json'), /There is no config file/],
    ['is a folder', () => here.root, /is a folder/],
    [
      'is not JSON',
      () => here.write('config/a.json', '{\n  "name": nope\n}'),
      /line 2, column 11: expected a value, found "n"/,
    ],
    ['is empty', () => here.write('config/b.json', ''), /line 1, column 1: expected a value, found the end/],
    [
      'has comments',
      () => here.write('config/c.json', '{ // so\n}'),
      /line 1, column 3: expected a key in double quotes/,
    ],
    [
      'has a key twice',
      () => here.write('config/d.json', '{"name": "a",\n"name": "b"}'),
      /line 2, column 1: the key "name" stands here a second/,
    ],
    ['is not UTF-8', () => here.write('config/e.json', new Uint8Array([0xff, 0xfe, 0x7b])), /not UTF-8/],
    ['is huge', () => here.write('config/f.json', ' '.repeat(1024 * 1024 + 1)), /more than 1048576 bytes/],
    ['is a device', () => '/dev/null', /not a regular file/],
    ['is a list', () => here.write('config/g.json', '[]'), /the file must be an object, not \[\]/],
    ['is deep', () => here.write('config/h.json', '['.repeat(100_000)), /nested too deeply/],
    ['has __proto__', () => here.write('config/i.json', '{"__proto__": {}}'), /must not be "__proto__"/],
  ]
  for (const [what, file, says] of cases) {
    test(what, async () => {
      const error = await loadConfig(file()).then(
        () => assert.fail('it was accepted'),
        (reason: unknown) => reason,
      )
      assert.match(
        refusal(() => {
          throw error
        }).message,
        says,
      )
    })
  }

  test('may not be read', { skip: process.getuid?.() === 0 && 'root may read everything' }, async () => {
    const file = here.write('config/secret.json', '{}')
    chmodSync(file, 0)
    await assert.rejects(loadConfig(file), /cannot be read/)
  })
})
