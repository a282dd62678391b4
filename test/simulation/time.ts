// Time, timers and chance of one whole process, made virtual: nothing waits, what is due next happens next, and the same
// seed gives the same order. For a process that does no real I/O while it runs; `install` must come before the run.
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import timersPromises from 'node:timers/promises'
import { seededRandom } from '../../src/local/random.js'

/** 2026-11-01T00:00:00Z, where every run begins. */
const START_MS = 1_793_491_200_000

const real = {
  Date,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
  clearImmediate: globalThis.clearImmediate,
  sleep: timersPromises.setTimeout,
  randomUUID: crypto.randomUUID,
  randomBytes: crypto.randomBytes,
  randomInt: crypto.randomInt,
  random: Math.random,
}

class Timer {
  constructor(
    readonly at: number,
    readonly order: number,
    readonly work: () => void,
    readonly everyMs?: number,
  ) {}
  isOver = false
  ref() {
    return this
  }
  unref() {
    return this
  }
  hasRef() {
    return true
  }
  refresh() {
    return this
  }
  [Symbol.toPrimitive]() {
    return this.order
  }
}

/** The next of them first; of two at one instant the one that was set first. */
class Queue {
  readonly #heap: Timer[] = []

  push(timer: Timer): void {
    const heap = this.#heap
    let at = heap.push(timer) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!isBefore(timer, heap[above]!)) break
      heap[at] = heap[above]!
      at = above
    }
    heap[at] = timer
  }

  pop(): Timer | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (!first || heap.length === 0) return first
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++
      if (!isBefore(heap[below]!, last!)) break
      heap[at] = heap[below]!
      at = below
    }
    heap[at] = last!
    return first
  }
}

const isBefore = (one: Timer, other: Timer) =>
  one.at < other.at || (one.at === other.at && one.order < other.order)

/** Thrown by `run` where the work does not end in time, or nothing is left that could end it. */
export class Stuck extends Error {}

export class VirtualTime {
  #now = START_MS
  #order = 0
  #queue = new Queue()
  #random: () => number

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  /** Epoch milliseconds. */
  get now(): number {
    return this.#now
  }

  /** Replaces the process's own time and chance, until `uninstall`. */
  install(): void {
    const time = this
    class VirtualDate extends real.Date {
      constructor(...parts: unknown[]) {
        super(...((parts.length ? parts : [time.#now]) as [number]))
      }
      static override now() {
        return time.#now
      }
    }
    const set = (work: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      time.#set(ms, () => work(...args))
    Object.assign(globalThis, {
      Date: VirtualDate,
      setTimeout: set,
      setImmediate: (work: (...args: unknown[]) => void, ...args: unknown[]) => set(work, 0, ...args),
      setInterval: (work: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
        time.#set(ms, () => work(...args), Math.max(ms, 1)),
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: clear,
    })
    Object.defineProperty(performance, 'now', {
      configurable: true,
      value: () => time.#now - START_MS,
    })
    Math.random = () => time.#random()
    Object.assign(crypto, this.#chance())
    Object.assign(timersPromises, {
      setTimeout: (ms: number, value: unknown) =>
        new Promise((resolve) => time.#set(ms, () => resolve(value))),
    })
    syncBuiltinESMExports()
  }

  uninstall(): void {
    const { sleep, random, randomBytes, randomInt, randomUUID, ...globals } = real
    Object.assign(globalThis, globals)
    Reflect.deleteProperty(performance, 'now')
    Math.random = random
    Object.assign(crypto, { randomBytes, randomInt, randomUUID })
    Object.assign(timersPromises, { setTimeout: sleep })
    syncBuiltinESMExports()
  }

  #chance() {
    const bytes = (length: number) => Buffer.from(Array.from({ length }, () => this.#random() * 256))
    return {
      randomBytes: bytes,
      randomInt: (low: number, high?: number) =>
        high === undefined
          ? Math.floor(this.#random() * low)
          : low + Math.floor(this.#random() * (high - low)),
      randomUUID: () => uuidFrom(bytes(16)),
    }
  }

  #set(ms: number, work: () => void, everyMs?: number): Timer {
    const timer = new Timer(this.#now + Math.max(0, Number(ms) || 0), this.#order++, work, everyMs)
    this.#queue.push(timer)
    return timer
  }

  /** Lets time pass until the work has settled. Throws Stuck after that many virtual seconds. */
  async run<T>(work: Promise<T>, withinSeconds = 48 * 3600): Promise<T> {
    let isOver = false
    const over = () => {
      isOver = true
    }
    work.then(over, over)
    const end = this.#now + withinSeconds * 1000
    for (;;) {
      await turn()
      if (isOver) return work
      if (!this.#next()) throw new Stuck('nothing is left to happen, and the work is not done')
      if (this.#now > end) throw new Stuck(`not done within ${withinSeconds} virtual seconds`)
    }
  }

  /** Lets that many virtual seconds pass. */
  pass(seconds: number): Promise<void> {
    return this.run(new Promise((resolve) => this.#set(seconds * 1000, resolve)))
  }

  /** Makes happen what is due next. */
  #next(): boolean {
    for (let timer = this.#queue.pop(); timer; timer = this.#queue.pop()) {
      if (timer.isOver) continue
      this.#now = Math.max(this.#now, timer.at)
      timer.isOver = true
      if (timer.everyMs !== undefined) this.#again(timer, timer.everyMs)
      timer.work()
      return true
    }
    return false
  }

  #again(timer: Timer, everyMs: number): void {
    // The same object, so that clearing it goes on to work.
    timer.isOver = false
    Object.assign(timer, { at: this.#now + everyMs, order: this.#order++ })
    this.#queue.push(timer)
  }
}

/** By then everything that can happen without time passing has happened. */
const turn = () => new Promise<void>((resolve) => real.setImmediate(resolve))

function clear(timer: unknown): void {
  if (timer instanceof Timer) timer.isOver = true
  else if (timer !== undefined && timer !== null) real.clearTimeout(timer as NodeJS.Timeout)
}

/** A version 4 UUID of those 16 bytes. */
export function uuidFrom(bytes: Buffer): `${string}-${string}-${string}-${string}-${string}` {
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
