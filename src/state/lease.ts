// The lease of a shared state: one run at a time, in the home region, by conditional writes. Clocks of two machines are
// never compared: who waits watches the holder's beat on his own clock, and takes the lease over when it has stood still
// for the lease's whole time. Each holder has a higher fence, which every save carries; who was overtaken stops.
import {
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'
import { isAbsent } from '../aws/errors.js'
import { EXIT, LockedError, MultiregionError } from '../base/errors.js'
import type { World } from '../base/world.js'
import { type ControlTable, keyOf, lookAround, type Term, tell } from './control-table.js'
import { free, isBegun, isConflict, isRefusedLease, type Lock, readLock, take } from './lease-item.js'
import { describeOwner, heldBy, newOwner, type Owner, refuseNonce, refuseRunning } from './owner.js'

export interface LeaseOptions {
  readonly table: ControlTable
  readonly term: Term
  /** As typed, for who is refused. */
  readonly command: string
  readonly leaseSeconds: number
  /** Regions that could be the home in its place. */
  readonly others: readonly string[]
  readonly world: World
  /** Told once, when the lease is another's or can no longer be renewed. */
  onLost(error: MultiregionError): void
  /** Told while the holder is watched. */
  note(text: string): void
}

/** A refused one is looked at again; so often it is not refused by chance. */
const MOST_TAKES = 10

/** Waits for a dead holder's lease to run out. Throws LockedError naming a living one, MultiregionError if the home is out. */
export async function acquireLease(options: LeaseOptions): Promise<Lease> {
  const { table, term, world, note, leaseSeconds } = options
  const { clock } = world
  const isoNow = () => world.date().toISOString()
  const me = newOwner(options.command, world)
  let watched: { owner: Owner; beat: string; since: number } | undefined
  let takes = 0
  const tryToTake = async (lock: Lock | undefined) => {
    if (++takes > MOST_TAKES) throw changesHands(table)
    await take(options, me, lock)
  }
  for (;;) {
    const lock = await readLock(table, term)
    if (lock?.closed && lock.closed.id > term.id && (await isBegun(table, lock.closed, isoNow())))
      throw homeMoved(table, term, lock.closed)
    if (lock?.owner?.nonce === me.nonce) return new Lease(options, me.nonce, lock.fence)
    const { owner } = lock ?? {}
    // A beat, a release, another holder: all of them say that he lived when we came.
    const lived = watched && (watched.owner.nonce !== owner?.nonce || watched.beat !== lock?.beat)
    if (watched && lived) throw heldBy(watched.owner, { table: table.name })
    if (!owner || !lock) {
      await tryToTake(lock)
      continue
    }
    if (!watched) {
      watched = { owner, beat: lock.beat, since: clock.now() }
      note(
        `${describeOwner(owner)} holds the shared state; looking for ${lock.leaseSeconds} s at most whether it lives`,
      )
    }
    const still = (clock.now() - watched.since) / clock.scale
    if (still >= lock.leaseSeconds) await tryToTake(lock)
    else await clock.sleep((Math.min(lock.leaseSeconds, leaseSeconds) / 20) * clock.scale)
  }
}

/** Frees a lease by hand. Throws MultiregionError if nobody holds it, the nonce is another's, or its run goes on here. */
export async function unlockLease(
  table: ControlTable,
  term: Term,
  nonce: string,
  world: World,
): Promise<void> {
  const owner = (await readLock(table, term))?.owner
  refuseNonce(owner, nonce, 'The shared state', 'the shared state')
  refuseRunning(owner, world)
  await free(table, term, nonce)
}

/** The holder as another region knows him, watched for his lease's time. Throws LockedError if he lives. */
export async function refuseLiving(
  table: ControlTable,
  term: Term,
  region: string,
  { clock }: World,
): Promise<void> {
  const seen = await readLock(table, term, region)
  if (!seen?.owner) return
  const since = clock.now()
  while ((clock.now() - since) / clock.scale < seen.leaseSeconds) {
    await clock.sleep((seen.leaseSeconds / 20) * clock.scale)
    const now = await readLock(table, term, region)
    if (!now?.owner) return
    if (now.beat !== seen.beat || now.owner.nonce !== seen.owner.nonce)
      throw heldBy(now.owner, { table: table.name })
  }
}

/** Those of the lease and of what is saved under it; nothing else of a run makes them. */
export const OWN_CALLS = new Set(['dynamodb:UpdateItem', 'dynamodb:TransactWriteItems'])

/** While held it is renewed by itself, every third of its time. */
export class Lease {
  readonly #options: LeaseOptions
  readonly #ended = new AbortController()
  /** On our clock, when the last write left that the lease let through. */
  #aliveAt: number
  #beat = 0
  #lost: MultiregionError | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(
    options: LeaseOptions,
    readonly nonce: string,
    /** Higher than that of every holder before. */
    readonly fence: number,
  ) {
    this.#options = options
    this.#aliveAt = options.world.clock.now()
    void this.#keep()
  }

  get term(): Term {
    return this.#options.term
  }

  /** Writes these items, all or none, if the lease is still ours. Throws LockedError if it is not. */
  write(items: readonly TransactWriteItem[]): Promise<void> {
    const { table, term } = this.#options
    return this.#inTurn(async (beat) => {
      const TransactItems = [{ Update: beat }, ...items]
      await table.dynamodb(term.region).send(new TransactWriteItemsCommand({ TransactItems }))
    })
  }

  renew(): Promise<void> {
    const { table, term } = this.#options
    return this.#inTurn(async (beat) => {
      await table.dynamodb(term.region).send(new UpdateItemCommand(beat))
    })
  }

  /** Before a call that may change something: throws LockedError if another may hold the lease by now. */
  async check(call: string): Promise<void> {
    // Our own writes are conditional, and are what renews.
    if (OWN_CALLS.has(call)) return
    if (this.#lost) throw this.#lost
    if (this.#ended.signal.aborted) return
    const { leaseSeconds } = this.#options
    if (this.#stillSeconds() > leaseSeconds * 0.7) await this.renew()
    if (this.#stillSeconds() > leaseSeconds * 0.9) throw this.#lose(this.#unheard())
  }

  /** Gives it back, if it is still ours. */
  async release(): Promise<void> {
    if (this.#ended.signal.aborted) return
    this.#ended.abort()
    await this.#turn
    const { table, term, leaseSeconds, note } = this.#options
    // Who cannot be told that it is free sees it stand still.
    const wait = `the next run waits until it has run out, ${leaseSeconds} s at most`
    await free(table, term, this.nonce).catch(() =>
      note(`the lease in table ${table.name} could not be given back in ${term.region}; ${wait}`),
    )
  }

  /** Renews no more, and lets every call pass: the table is about to go, and the lease with it. */
  abandon(): void {
    this.#ended.abort()
  }

  #stillSeconds(): number {
    const { clock } = this.#options.world
    return (clock.now() - this.#aliveAt) / clock.scale
  }

  /** One write at a time, each with the next beat. */
  #inTurn(
    work: (beat: UpdateItemCommandInput & { UpdateExpression: string }) => Promise<void>,
  ): Promise<void> {
    const go = this.#turn.then(async () => {
      if (this.#lost) throw this.#lost
      const beat = this.#nextBeat()
      for (let tries = 1; ; tries++) {
        const sentAt = this.#options.world.clock.now()
        try {
          await work(beat)
          this.#aliveAt = sentAt
          return
        } catch (error) {
          if (isRefusedLease(error)) throw this.#lose(await this.#overtaken())
          if (isAbsent(error)) throw this.#lose(tableGone(this.#options))
          if (!isConflict(error) || tries === 8) throw tell(error, this.#options.table.name, this.term.region)
          // AWS: somebody who reads or tries the lease at this moment is in the way of a transaction.
          const { clock, random } = this.#options.world
          await clock.sleep(0.05 * tries * (1 + random()) * clock.scale)
        }
      }
    })
    this.#turn = go.catch(() => undefined)
    return go
  }

  #nextBeat() {
    this.#beat++
    return {
      TableName: this.#options.table.name,
      Key: keyOf('lock', this.term.id),
      UpdateExpression: 'SET beat = :beat',
      ConditionExpression: 'nonce = :nonce AND fence = :fence',
      ExpressionAttributeValues: {
        ':beat': { N: String(this.#beat) },
        ':nonce': { S: this.nonce },
        ':fence': { N: String(this.fence) },
      },
    }
  }

  #lose(error: MultiregionError): MultiregionError {
    if (!this.#lost) {
      this.#lost = error
      this.#ended.abort()
      this.#options.onLost(error)
    }
    return this.#lost
  }

  async #keep(): Promise<void> {
    const { world, leaseSeconds, table } = this.#options
    const { clock } = world
    for (;;) {
      const ended = await clock.sleep((leaseSeconds / 6) * clock.scale, this.#ended.signal).then(
        () => false,
        () => true,
      )
      if (ended) return
      if (this.#stillSeconds() < leaseSeconds / 4) continue
      try {
        await this.renew()
        const { terms } = await lookAround(table, [this.term.region])
        const last = terms.at(-1)
        if (last && last.id > this.term.id) this.#lose(homeMoved(table, this.term, last))
      } catch {
        // What was refused is lost already; what did not answer may answer the next time.
        if (this.#stillSeconds() > leaseSeconds * 0.9) this.#lose(this.#unheard())
      }
    }
  }

  #unheard(): MultiregionError {
    return homeSilent(this.#options)
  }

  async #overtaken(): Promise<MultiregionError> {
    const { table } = this.#options
    const lock = await readLock(table, this.term).catch(() => undefined)
    if (lock?.closed) return homeMoved(table, this.term, lock.closed)
    const by = lock?.owner ? `, and ${describeOwner(lock.owner)} has it now` : ''
    return new LockedError(
      `This run has lost the lease of the shared state in table ${table.name}${by}.`,
      'What was done until then is saved. When that run has ended, run the same command again.',
      { table: table.name, ...(lock?.owner && { owner: lock.owner }) },
    )
  }
}

const changesHands = ({ name }: ControlTable) =>
  new LockedError(`The lease in table ${name} changes hands too fast.`, 'Run the same command again.', {
    table: name,
  })

const tableGone = ({ table: { name }, term: { region } }: LeaseOptions) =>
  new LockedError(
    `The table ${name} of the shared state is gone from ${region}: while this run worked, another has removed the stack or moved its state, or the table went by hand.`,
    'Look with multiregion status; what this run still made and nobody knows of, multiregion down finds.',
    { table: name, region },
  )

const homeSilent = ({ table: { name }, term: { region }, others, leaseSeconds }: LeaseOptions) =>
  new MultiregionError(
    'state-home',
    `The home region of the shared state (table ${name} in ${region}) has not answered for ${Math.round(leaseSeconds * 0.9)} s, so another run may have the state by now`,
    `What was done until then is saved. Wait for ${region}, then run the same command again${others[0] ? `; or give the state another home: multiregion state takeover --to ${others[0]}` : ''}`,
    EXIT.partial,
    { table: name, region },
  )

const homeMoved = ({ name }: ControlTable, { region }: Term, to: Term) =>
  new LockedError(
    `The shared state in table ${name} has left its home ${region} for ${to.region}.`,
    'What was done until then is saved. Run the same command again: it works in the new home.',
    { table: name, region, to: to.id },
  )
