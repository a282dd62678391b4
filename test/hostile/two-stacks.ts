// Two stacks in one simulated account: `theirs` stands, `ours` is what a hostile or damaged state says. For the tests of
// invariant 4: whatever a state file says, nothing without our own marks is changed.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { StackState } from '../../src/engine/ledger.js'
import { sealed } from '../../src/state/document.js'
import type { Called } from '../simulation/called.js'
import { openSimulatedCloud, type SimulatedCloud } from '../simulation/cloud.js'
import { Computer } from '../simulation/computer.js'
import { configOf, newProject, type Project, ZONE } from '../simulation/config.js'
import { prepareCertificates } from '../simulation/machine.js'
import type { Command, Ending, Fate } from '../simulation/process.js'
import { VirtualTime } from '../simulation/time.js'

export interface Stack {
  readonly computer: Computer
  readonly project: Project
  /** Its state on disk, if there is one. */
  state(): StackState | undefined
  /** Puts a text where its state is. */
  put(text: string): void
  /** The same, with a seal that fits. */
  putSealed(state: object): void
  run(command: Command, fate?: Fate): Promise<Ending>
  readonly stateFile: string
  /** Called as a mutating call leaves. */
  leaving?: ((call: Called) => void) | undefined
  /** The mutating calls that it has made since `forgetCalls`, as `dynamodb:DeleteTable eu-west-1 Items`. */
  readonly calls: string[]
}

export interface TwoStacks {
  readonly ours: Stack
  readonly theirs: Stack
  readonly cloud: SimulatedCloud
  /** Lets some work in the simulated world come to its end. */
  happen<T>(work: () => Promise<T>): Promise<T>
  close(): void
}

/** Both configured, neither up. */
export async function openTwoStacks(seed = 1): Promise<TwoStacks> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'two-stacks-'))
  const regions = ['eu-west-1', 'us-east-1']
  await prepareCertificates(dataDir, [`api.${ZONE}`, `theirs.${ZONE}`])
  const time = new VirtualTime(seed)
  const options = { dataDir, seed, profile: 'instant', regions, zone: ZONE } as const
  // Installed only while something happens: a test runner has timers of its own.
  const happen = async <T>(work: () => Promise<T>): Promise<T> => {
    time.install()
    try {
      return await time.run(work())
    } finally {
      time.uninstall()
    }
  }
  const cloud = await happen(() => openSimulatedCloud(options))
  const stackOf = (project: Project, name: string): Stack => {
    const computer = new Computer(name, cloud, project, seed)
    const calls: string[] = []
    const file = computer.stateFile(configOf(project))
    const watch = {
      leaving(call: Called) {
        calls.push(`${call.name} ${call.region} ${call.what}`)
        stack.leaving?.(call)
      },
      trace: () => undefined,
    }
    const stack: Stack = {
      computer,
      project,
      calls,
      state: () => {
        const text = computer.disk.read(file)
        return text === undefined ? undefined : JSON.parse(text)
      },
      put: (text) => computer.disk.put(file, text),
      putSealed: ({ sha256: _old, ...state }: { sha256?: string }) =>
        computer.disk.put(file, sealed(state as StackState)),
      stateFile: file,
      run: (command, fate) => happen(() => computer.run(command, watch, fate)),
    }
    return stack
  }
  const other = newProject()
  Object.assign(other.written, {
    name: 'their',
    domain: `theirs.${ZONE}`,
    table: { ...other.written.table, name: 'TheirItems' },
  })
  const ours = stackOf(newProject(), 'ours')
  // The SDK loads parts of itself at its first calls, which takes real time, in which the virtual one would run away.
  for (const verb of ['status', 'up', 'down'] as const) await ours.run({ verb })
  return {
    ours,
    theirs: stackOf(other, 'theirs'),
    cloud,
    happen,
    close: () => rmSync(dataDir, { recursive: true, force: true }),
  }
}
