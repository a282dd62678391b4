// The project of a simulated operator: a config as it is written, what may be edited in it, and the code that goes with
// it. Small on purpose: every resource costs calls, and every kind of resource is there with two functions.
import { createHash } from 'node:crypto'
import path from 'node:path'
import { zipSync } from 'fflate'
import { type Config, parseConfig } from '../../src/config/load.js'
import type { Env } from '../../src/engine/env.js'

// biome-ignore lint/suspicious/noExplicitAny: a config as somebody writes it, whatever he makes of it.
export type Written = any

export interface Project {
  written: Written
  /** By function key: which version of its code stands in the working tree. */
  code: Record<string, number>
}

export const ZONE = 'example.com'
const FILE = path.resolve('config/simulated.json')

/** What may stand in the config beside the health function. */
export const FUNCTIONS = {
  health: { handler: 'src/handlers/health.ts', route: 'GET /health', actions: ['dynamodb:GetItem'] },
  getItem: {
    handler: 'src/handlers/get-item.ts',
    route: 'GET /item/{itemId}',
    actions: ['dynamodb:GetItem'],
  },
  putItem: { handler: 'src/handlers/put-item.ts', route: 'POST /item', actions: ['dynamodb:PutItem'] },
} as const

/** A two-region stack of one function. */
export const newProject = (): Project => ({
  written: structuredClone({
    name: 'shop',
    stage: 'dev',
    regions: ['eu-west-1', 'us-east-1'],
    domain: `api.${ZONE}`,
    table: { name: 'Items', partitionKey: { name: 'id', type: 'N' } },
    functions: { health: FUNCTIONS.health },
    healthCheck: { checkerRegions: ['us-east-1', 'eu-west-1', 'ap-southeast-1'] },
  }),
  code: {},
})

const configs = new Map<string, Config>()

/** Read once, as a life asks for it at every step. Throws ConfigError. */
export function configOf({ written }: Project): Config {
  const text = JSON.stringify(written)
  const config = configs.get(text) ?? parseConfig(text, FILE)
  configs.set(text, config)
  return config
}

const zips = new Map<string, { zip: Uint8Array; sha256: string }>()

/** Zips of a line each: who runs them in a simulation looks at no code. */
export function bundlesOf({ code }: Project, config: Config): Env['bundles'] {
  return Object.fromEntries(
    config.functions.map(({ key, handlerFile }) => {
      const text = `// ${path.basename(handlerFile)} ${key} ${code[key] ?? 0}\n`
      if (!zips.has(text)) {
        const zip = zipSync({ 'index.mjs': [Buffer.from(text), { mtime: new Date('2026-01-01') }] })
        zips.set(text, { zip, sha256: createHash('sha256').update(zip).digest('base64') })
      }
      return [key, zips.get(text)!]
    }),
  )
}
