// What every home of the state does alike: saves that come while a write is under way share the next one. Where a write
// goes is `file.ts`'s and `table-store.ts`'s.
import type { StackState, StateStore } from '../engine/ledger.js'

/** Where a run keeps the state of its stack. */
export interface StatePlace extends StateStore {
  /** For people: a file, or a table and its region. */
  readonly where: string
  /** From here on this is the state; it is durable with the next save. */
  assume(state: StackState): void
  /** Puts aside whatever is there, so that a new state can take its place; tells where to, if there was one. */
  setAside(): Promise<string | undefined>
}

/** Each save resolves when its state, or a later one, is durable. The serial rises with every save. */
export abstract class Saves implements StateStore {
  #state: StackState
  /** The write that has not begun yet and will take whatever is saved until then. */
  #next: Promise<void> | undefined
  /** Settles, never rejects, when the write before it has ended: two never run at once. */
  #last: Promise<void> = Promise.resolve()

  constructor(state: StackState) {
    this.#state = state
  }

  read(): StackState {
    return this.#state
  }

  assume(state: StackState): void {
    this.#state = state
  }

  save(state: StackState): Promise<void> {
    this.#state = { ...state, serial: this.#state.serial + 1 }
    if (!this.#next) {
      this.#next = this.#last.then(() => {
        this.#next = undefined
        return this.write(this.#state)
      })
      this.#last = this.#next.catch(() => undefined)
    }
    return this.#next
  }

  /** Resolves when no write is under way. */
  protected idle(): Promise<void> {
    return this.#last
  }

  protected abstract write(state: StackState): Promise<void>
}

/** The place may change during a run: `up` moves the state where the config wants it. */
export class MovableState implements StatePlace {
  #place: StatePlace

  constructor(place: StatePlace) {
    this.#place = place
  }

  get place(): StatePlace {
    return this.#place
  }

  get where(): string {
    return this.#place.where
  }

  /** What is read and saved from now on. The state must be there already. */
  moveTo(place: StatePlace): void {
    this.#place = place
  }

  read(): StackState {
    return this.#place.read()
  }

  save(state: StackState): Promise<void> {
    return this.#place.save(state)
  }

  assume(state: StackState): void {
    this.#place.assume(state)
  }

  setAside(): Promise<string | undefined> {
    return this.#place.setAside()
  }
}
