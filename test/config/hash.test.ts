// The hash of a config changes with what it says, and with nothing else.
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { configHashOf } from '../../src/config/hash.js'
import { loadConfig } from '../../src/config/load.js'

const config = await loadConfig('config/regions.json')
const hash = configHashOf(config)

test('where the project stands, and in which order it says things, makes no difference', () => {
  const moved = {
    ...(Object.fromEntries(Object.entries(config).reverse()) as unknown as typeof config),
    file: '/elsewhere/config/regions.json',
    root: '/elsewhere',
    functions: config.functions
      .map((one) => ({
        ...one,
        handlerFile: path.join('/elsewhere', path.relative(config.root, one.handlerFile)),
      }))
      .reverse(),
  }
  assert.equal(configHashOf(moved), hash)
})

test('whatever it says does', () => {
  const [first, ...others] = config.functions
  const changed = [
    { ...config, regions: [...config.regions].reverse() },
    { ...config, table: { ...config.table, pointInTimeRecovery: false } },
    { ...config, functions: others },
    { ...config, functions: [{ ...first!, memoryMb: 1 }, ...others] },
    { ...config, functions: [{ ...first!, handlerFile: `${config.root}/other.ts` }, ...others] },
  ]
  assert.equal(new Set([hash, ...changed.map(configHashOf)]).size, changed.length + 1)
})
