// What a run has of the world around it: time, chance, files and processes. `machine` is the real one; a simulation brings
// its own, and the engine cannot tell. Of the cloud, the clients and the network are `commands/target.ts`'s.
import { randomUUID } from 'node:crypto'
import { type Clock, clockAt } from './clock.js'
import { type Files, machineFiles } from './files.js'
import { machineProcesses, type Processes } from './process.js'

export interface World {
  readonly clock: Clock
  /** What the calendar says, for dates that people read. */
  date(): Date
  /** A new one each time. */
  uuid(): string
  /** 0 <= x < 1, for the jitter of waits. */
  random(): number
  readonly files: Files
  readonly processes: Processes
}

/** This machine, its clock `scale` times as fast. */
export const machineAt = (scale: number): World => ({
  clock: clockAt(scale),
  date: () => new Date(),
  uuid: () => randomUUID(),
  random: () => Math.random(),
  files: machineFiles,
  processes: machineProcesses,
})

export const machine: World = machineAt(1)
