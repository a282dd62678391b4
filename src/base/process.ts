// Who a process is, so that another one can tell whether it still lives: host, boot, pid and start. Only a process of
// this host can be known to be gone. `state/lock.ts` writes it down.
import { readFileSync } from 'node:fs'
import os from 'node:os'

export interface ProcessIdentity {
  readonly host: string
  readonly boot: string
  readonly pid: number
  /** Tells a process from a later one of the same pid; empty where the system does not tell. */
  readonly processStart: string
  readonly user: string
}

export interface Processes {
  self(): ProcessIdentity
  /** True where that process is certainly gone: it ran on this host, and another boot or no such process is there now. */
  isGone(other: ProcessIdentity): boolean
  /** True where that process runs on this host now. */
  isRunning(other: ProcessIdentity): boolean
}

export const machineProcesses: Processes = {
  self: () => ({
    host: os.hostname(),
    boot: bootId(),
    pid: process.pid,
    processStart: startOf(process.pid) ?? '',
    user: userName(),
  }),

  isGone({ host, boot, pid, processStart }) {
    if (host !== os.hostname()) return false
    if (boot !== bootId()) return true
    try {
      process.kill(pid, 0)
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ESRCH'
    }
    const start = startOf(pid)
    return start !== undefined && processStart !== '' && start !== processStart
  },

  isRunning: (other) =>
    other.host === os.hostname() && other.boot === bootId() && !machineProcesses.isGone(other),
}

/** Linux tells; elsewhere the pid alone must do, and a reused pid keeps the lock held until `state unlock`. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

function userName(): string {
  try {
    return os.userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}
