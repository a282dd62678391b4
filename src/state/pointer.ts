// A mark beside the state file: this project's state is, or is about to be, in the control table. It is durable before the
// table is made and goes after it, so whatever crashes in between, the next run knows where to look. Which of the two
// places counts is decided in `commands/place.ts`.
import path from 'node:path'
import { z } from 'zod'
import { EXIT, MultiregionError } from '../base/errors.js'
import type { World } from '../base/world.js'
import type { StackState } from '../engine/ledger.js'
import { replaceFile } from './file.js'
import { remedyFor } from './remedy.js'

const pointerSchema = z.object({
  table: z.string(),
  lineage: z.string(),
  /** Without them, in another account nobody would know that the stack stands in this one. */
  account: z.string().optional(),
  partition: z.string().optional(),
})
export type Pointer = z.infer<typeof pointerSchema>

export const pointerTo = (
  { name }: { name: string },
  { lineage, account, partition }: StackState,
): Pointer => ({
  table: name,
  lineage,
  account,
  partition,
})

const pointerOf = (stateFile: string) => stateFile.replace(/\.json$/, '.shared.json')

export async function readPointer(stateFile: string, { files }: World): Promise<Pointer | undefined> {
  const file = pointerOf(stateFile)
  try {
    const { success, data } = pointerSchema.safeParse(JSON.parse(await files.readFile(file)))
    if (success) return data
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
  }
  throw new MultiregionError(
    'state',
    `The file ${file}, which says that the state is shared, cannot be read`,
    `Nothing was changed. Remove ${file}; with state.backend "global-table" in the config the next run writes it again.`,
    EXIT.error,
    { file },
  )
}

export async function writePointer(stateFile: string, pointer: Pointer, world: World): Promise<void> {
  const file = pointerOf(stateFile)
  await replaceFile(file, JSON.stringify(pointer), world).catch((error) =>
    Promise.reject(notWritten(file, error)),
  )
}

export async function removePointer(stateFile: string, { files }: World): Promise<void> {
  const file = pointerOf(stateFile)
  try {
    await files.remove(file)
    // With the first run's folder there may be none yet.
    if (files.exists(path.dirname(file))) await files.syncFolder(path.dirname(file))
  } catch (error) {
    throw notWritten(file, error as Error)
  }
}

const notWritten = (file: string, cause: Error) =>
  new MultiregionError(
    'state',
    `The file ${file} cannot be written or removed: ${cause.message}`,
    `What was done is saved. ${remedyFor(cause, file)}`,
    EXIT.error,
    { file },
    { cause },
  )
