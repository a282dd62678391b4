// Runs seeded mutations of a real state through what reads it: the file itself, and the verbs with nothing of ours in the
// cloud and with all of it. Throws what is wrong with the first that is treated wrongly, and the seed that repeats it.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { MultiregionError } from '../../src/base/errors.js'
import type { PlanResult } from '../../src/commands/result.js'
import type { StackState } from '../../src/engine/ledger.js'
import { seededRandom, seedOf } from '../../src/local/random.js'
import { sealed } from '../../src/state/document.js'
import { readState } from '../../src/state/file.js'
import type { Verb } from '../simulation/process.js'
import { type Mutation, mutate } from './mutation.js'
import { openTwoStacks, type TwoStacks } from './two-stacks.js'

export interface Figures {
  mutations: number
  refused: number
  /** Not refused, as they say the same. */
  same: number
  /** Sealed again, and of the shape of a state: what they say is not what was saved. */
  believed: number
  verbs: number
}

export interface CorruptionOptions {
  readonly runs: number
  readonly seed: number
  /** How many are sealed again; the verbs run with all of these that are believed. */
  readonly sealedShare: number
  /** Every so many of the refused are put before the verbs, too. */
  readonly verbsEvery: number
  /** Only that one of the runs. */
  readonly only?: number
}

interface Scene {
  readonly folder: string
  readonly file: string
  readonly text: string
  readonly good: StackState
  /** Ours is gone from the cloud, theirs stands; and both stand. */
  readonly worlds: { readonly bare: TwoStacks; readonly full: TwoStacks }
  readonly figures: Figures
}

const READING = ['plan', 'status'] as const
/** With nothing of ours there, these find nothing that they may change. */
const BARE: readonly Verb[] = [...READING, 'failover', 'down']

/** Throws the first wrong treatment. */
export async function corruptStates(options: CorruptionOptions): Promise<Figures> {
  const scene = await openScene()
  try {
    for (let run = 0; run < options.runs; run++) {
      if (options.only !== undefined && run !== options.only) continue
      const seed = seedOf(options.seed, `corrupt ${run}`)
      const mutation = mutate(scene.text, seededRandom(seed), options.sealedShare)
      await one(scene, mutation, run % options.verbsEvery === 0).catch((cause) => {
        const replay = `npm run robust -- state --seed ${options.seed} --only ${run}`
        throw new Error(
          `${mutation.kind}: ${cause instanceof Error ? cause.message : cause}\nreplay: ${replay}`,
          { cause },
        )
      })
    }
    await nothingHasChanged(scene)
    return scene.figures
  } finally {
    for (const world of Object.values(scene.worlds)) world.close()
    rmSync(scene.folder, { recursive: true, force: true })
  }
}

async function openScene(): Promise<Scene> {
  const bare = await openTwoStacks(1)
  const full = await openTwoStacks(2)
  const done = async (work: Promise<{ exit: unknown; error?: Error }>) => {
    const { exit, error } = await work
    assert.equal(exit, 0, error?.message)
  }
  for (const { ours, theirs } of [bare, full]) {
    await done(theirs.run({ verb: 'up' }))
    await done(ours.run({ verb: 'up' }))
  }
  const good = full.ours.state()!
  await done(bare.ours.run({ verb: 'down' }))
  const folder = mkdtempSync(path.join(tmpdir(), 'corrupt-'))
  const { sha256: _seal, ...state } = good as StackState & { sha256?: string }
  return {
    folder,
    file: path.join(folder, 'shop-dev.json'),
    text: sealed(state),
    good: state,
    worlds: { bare, full },
    figures: { mutations: 0, refused: 0, same: 0, believed: 0, verbs: 0 },
  }
}

async function one(scene: Scene, { bytes, isSealed }: Mutation, withVerbs: boolean): Promise<void> {
  const { figures, file, good } = scene
  figures.mutations++
  writeFileSync(file, bytes)
  const read = await readState(file).catch((error: unknown) => error)
  if (read instanceof Error) {
    assertTold(read)
    figures.refused++
    if (withVerbs) await verbsRefuse(scene, bytes)
  } else if (isDeepStrictEqual(read, good)) figures.same++
  else {
    assert.ok(isSealed, 'a state that was never saved is believed')
    figures.believed++
    await verbsChangeNothing(scene, bytes, read as StackState)
  }
}

/** With their true states, what stands is what every config asks for. */
async function nothingHasChanged({ worlds: { bare, full }, good }: Scene): Promise<void> {
  full.ours.putSealed(good)
  for (const stack of [bare.theirs, full.theirs, full.ours]) {
    const { result, error } = await stack.run({ verb: 'plan' })
    assert.ok(!error, error?.message)
    assert.deepEqual((result as PlanResult).changes, [])
  }
}

/** An error of ours: says what, and the next command, and no stack. */
function assertTold(error: unknown): void {
  assert.ok(error instanceof MultiregionError, `not ours: ${error instanceof Error ? error.stack : error}`)
  assert.ok(error.code && error.message && error.hint)
  assert.match(error.hint, /multiregion|AWS_PROFILE|config|command/)
  assert.doesNotMatch(error.message, /\n\s+at /)
}

async function verbsRefuse({ worlds: { full }, figures }: Scene, bytes: Buffer): Promise<void> {
  const { ours } = full
  ours.calls.length = 0
  for (const verb of ['up', 'down', 'failover', 'status', 'plan'] as const) {
    ours.put(bytes.toString())
    const { exit, error } = await ours.run({ verb, region: 'eu-west-1' })
    figures.verbs++
    assert.equal(exit, 1, verb)
    assertTold(error)
    assert.deepEqual(ours.calls, [], `${verb} made a mutating call`)
  }
}

async function verbsChangeNothing({ worlds, figures }: Scene, bytes: Buffer, said: StackState) {
  // An open create is asked again by its token, on the way down too, and what it made is removed.
  const mayReplay = Object.values(said.entries).some(({ intent }) => intent?.action === 'create')
  for (const [{ ours }, verbs] of [
    [worlds.bare, BARE],
    [worlds.full, READING],
  ] as const) {
    for (const verb of verbs) {
      ours.put(bytes.toString())
      ours.calls.length = 0
      const { error } = await ours.run({ verb, region: 'eu-west-1' })
      figures.verbs++
      if (error) assertTold(error)
      if (verb !== 'down' || !mayReplay) assert.deepEqual(ours.calls, [], `${verb} made a mutating call`)
    }
  }
}
