// A folder of its own for each test, and a state to put there.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'
import type { StackState } from '../../src/engine/ledger.js'
import { newState } from '../../src/state/file.js'

/** A new empty folder, removed after the tests of the file. */
export function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'multiregion-state-'))
  after(() => rmSync(made, { recursive: true, force: true }))
  return made
}

export const stateFileIn = (where: string) => path.join(where, '.multiregion', 'shop-dev.json')

export const anyState = (): StackState => ({
  ...newState({
    stack: 'shop-dev',
    account: '123456789012',
    partition: 'aws',
    home: 'eu-west-1',
    regions: ['eu-west-1', 'us-east-1'],
  }),
  drained: { 'us-east-1': { mode: 'article', since: '2026-11-01T00:00:00.000Z' } },
  entries: {
    'certificate/eu-west-1': {
      id: 'arn:aws:acm:eu-west-1:123456789012:certificate/1',
      settled: true,
      desired: { domainName: 'api.example.com' },
      observed: { id: 'arn', owned: true, record: { name: '_x', value: '_ü' } },
    },
    'rest-api/eu-west-1': { intent: { action: 'create', token: 't1', at: '2026-11-01T00:00:00.000Z' } },
    'deployment/eu-west-1': { id: 'd2', superseded: ['d1'] },
  },
})
