// The state as a text: sealed by a checksum, in today's version whichever wrote it. `file.ts` and `table-store.ts` keep such
// texts; `version.ts` leads older ones here.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { EXIT, MultiregionError } from '../base/errors.js'
import type { StackState } from '../engine/ledger.js'
import { migrated, VERSION } from './version.js'

const entrySchema = z.strictObject({
  id: z.string().optional(),
  settled: z.boolean().optional(),
  desired: z.record(z.string(), z.unknown()).optional(),
  observed: z.looseObject({ id: z.string(), owned: z.boolean() }).optional(),
  intent: z
    .strictObject({
      action: z.enum(['create', 'adopt', 'update', 'remove']),
      token: z.string(),
      at: z.string(),
    })
    .optional(),
  superseded: z.array(z.string()).optional(),
})

const stateSchema = z.strictObject({
  format: z.literal('multiregion-state'),
  version: z.literal(VERSION),
  stack: z.string(),
  lineage: z.uuid(),
  serial: z.int().nonnegative(),
  account: z.string(),
  partition: z.string(),
  home: z.string(),
  regions: z.array(z.string()),
  configHash: z.string(),
  drained: z.record(z.string(), z.strictObject({ mode: z.literal('article'), since: z.string() })),
  // The region becomes a part of host names.
  entries: z.record(z.string().regex(/^[a-z-]+\/[a-z0-9-]+(\/[A-Za-z0-9]+)?$/, 'is no address'), entrySchema),
})

const DEEPEST = 64
const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1)))

const seal = (state: object) => createHash('sha256').update(JSON.stringify(state)).digest('hex')

/** As it is written: the whole state and its checksum. */
export const sealed = (state: StackState) => JSON.stringify({ ...state, sha256: seal(state) }, null, 1)

/**
 * The state that a sealed text says. Throws what `refuse` makes of what is wrong with it, MultiregionError `newer-state` if
 * a later version wrote it. `what` begins a sentence.
 */
export function unseal(text: string, what: string, refuse: (why: string) => MultiregionError): StackState {
  let document: Record<string, unknown>
  try {
    document = JSON.parse(text)
  } catch {
    throw refuse('is not whole JSON')
  }
  if (isDeeper(document, DEEPEST)) throw refuse('is nested more deeply than any state')
  if (document?.format === 'multiregion-state' && Number(document.version) > VERSION)
    throw newer(what, Number(document.version))
  const { sha256, ...body } = document ?? {}
  const parsed = stateSchema.safeParse(migrated(body))
  if (!parsed.success) {
    const { path: where, message } = parsed.error.issues[0]!
    throw refuse(
      `does not have the shape of a state: ${[where.join('.'), message].filter(Boolean).join(': ')}`,
    )
  }
  if (seal(body) !== sha256) throw refuse('does not match its checksum: it was changed by hand or damaged')
  return parsed.data as StackState
}

const newer = (what: string, version: number) =>
  new MultiregionError(
    'newer-state',
    `${what} was written by a newer multiregion (state version ${version})`,
    'Nothing was changed. Run the same command with that version of multiregion.',
    EXIT.error,
    { version },
  )
