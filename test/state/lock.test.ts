// The lock between real processes: one wins, the other names it; a killed one's is taken over, another machine's never.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, describe, test } from 'node:test'
import { EXIT, LockedError, MultiregionError } from '../../src/base/errors.js'
import { acquireLock, unlock } from '../../src/state/lock.js'
import { folder, stateFileIn } from './fixture.js'

const lockOf = (stateFile: string) => `${stateFile}.lock`
type Owner = Record<string, unknown>
const ownerOf = (stateFile: string): Owner => JSON.parse(readFileSync(lockOf(stateFile), 'utf8'))

/** A lock as another process would have left it. */
function plant(stateFile: string, change: Owner, like: Owner): void {
  mkdirSync(path.dirname(stateFile), { recursive: true })
  writeFileSync(lockOf(stateFile), JSON.stringify({ ...like, ...change }))
}

/** A real owner's words, of this process. */
async function ownWords(): Promise<Owner> {
  const stateFile = stateFileIn(folder())
  const lock = await acquireLock(stateFile, 'multiregion up')
  const owner = ownerOf(stateFile)
  await lock.release()
  return owner
}

const locked = async (work: Promise<unknown>): Promise<LockedError> => {
  const error = await work.then(
    () => assert.fail('the lock was given'),
    (thrown) => thrown,
  )
  assert.ok(error instanceof LockedError, `no LockedError: ${error}`)
  assert.equal(error.exit, EXIT.locked)
  return error
}

describe('between processes', () => {
  const started: ChildProcess[] = []
  after(() => {
    for (const child of started) child.kill('SIGKILL')
  })

  /** Starts a holder; resolves with its first line. */
  async function holder(stateFile: string, command: string): Promise<{ child: ChildProcess; line: string }> {
    const script = path.join(import.meta.dirname, 'lock-holder.ts')
    const child = spawn(process.execPath, ['--import', 'tsx', script, stateFile, command], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    started.push(child)
    const [chunk] = await once(child.stdout!, 'data')
    return { child, line: String(chunk).trim() }
  }

  test('of two at once one wins; the other exits 4 and names pid, host and command', async () => {
    const stateFile = stateFileIn(folder())
    const both = await Promise.all([holder(stateFile, 'multiregion up'), holder(stateFile, 'multiregion up')])
    const winner = both.find(({ line }) => line === 'held')
    const loser = both.find(({ line }) => line !== 'held')
    assert.ok(winner && loser, both.map(({ line }) => line).join(' | '))
    if (loser.child.exitCode === null) await once(loser.child, 'exit')
    assert.equal(loser.child.exitCode, 4)
    assert.ok(loser.line.includes(`pid ${winner.child.pid}`), loser.line)
    assert.ok(loser.line.includes(os.hostname()), loser.line)
    assert.ok(loser.line.includes('"multiregion up"'), loser.line)
    winner.child.stdin!.end()
    await once(winner.child, 'exit')
    assert.deepEqual(readdirSync(path.dirname(stateFile)), [])
  })

  test('the lock of a killed process is taken over', async () => {
    const stateFile = stateFileIn(folder())
    const { child, line } = await holder(stateFile, 'multiregion up')
    assert.equal(line, 'held')
    await locked(acquireLock(stateFile, 'multiregion down'))
    child.kill('SIGKILL')
    await once(child, 'exit')
    assert.ok(existsSync(lockOf(stateFile)))
    const lock = await acquireLock(stateFile, 'multiregion down')
    assert.equal(ownerOf(stateFile).pid, process.pid)
    await lock.release()
    assert.deepEqual(readdirSync(path.dirname(stateFile)), [])
  })
})

test('of many that find a dead lock at once exactly one takes it over', async () => {
  const dead = { ...(await ownWords()), pid: 999_999_999, processStart: '1' }
  for (let round = 0; round < 20; round++) {
    const stateFile = stateFileIn(folder())
    plant(stateFile, { nonce: `dead-${round}` }, dead)
    const tries = Array.from({ length: 8 }, (_, index) => acquireLock(stateFile, `up ${index}`))
    const ends = await Promise.allSettled(tries)
    const winners = ends.filter(({ status }) => status === 'fulfilled')
    assert.equal(winners.length, 1, `round ${round}`)
    for (const end of ends)
      if (end.status === 'rejected') assert.ok(end.reason instanceof LockedError, `${end.reason}`)
    const [winner] = winners as PromiseFulfilledResult<{ release(): Promise<void> }>[]
    await winner!.value.release()
    assert.deepEqual(readdirSync(path.dirname(stateFile)), [])
  }
})

test('a removal that its process did not survive holds nobody up', async () => {
  const stateFile = stateFileIn(folder())
  plant(stateFile, { nonce: 'dead', pid: 999_999_999 }, await ownWords())
  const claim = `${lockOf(stateFile)}.removing`
  writeFileSync(claim, '')
  const longAgo = new Date(Date.now() - 60_000)
  utimesSync(claim, longAgo, longAgo)
  await (await acquireLock(stateFile, 'multiregion up')).release()
  assert.deepEqual(readdirSync(path.dirname(stateFile)), [])
})

describe('whose lock may be taken over', () => {
  const cases: readonly [what: string, change: Owner, taken: boolean][] = [
    ['a dead process of this machine', { pid: 999_999_999 }, true],
    ['a process of the same pid that began earlier', { processStart: '1' }, true],
    ['a process from before the last boot', { boot: 'earlier' }, true],
    ['a living process', {}, false],
    ['a dead process of another host', { host: 'build-7', pid: 999_999_999 }, false],
    ['a process of another host, from another boot', { host: 'build-7', boot: 'earlier' }, false],
  ]
  for (const [what, change, taken] of cases)
    test(`${what}: ${taken ? 'yes' : 'never'}`, async () => {
      const stateFile = stateFileIn(folder())
      plant(stateFile, { nonce: 'theirs', ...change }, await ownWords())
      if (taken) return (await acquireLock(stateFile, 'multiregion up')).release()
      const error = await locked(acquireLock(stateFile, 'multiregion up'))
      assert.match(error.hint, /state unlock theirs/)
      assert.equal(ownerOf(stateFile).nonce, 'theirs')
      assert.deepEqual(readdirSync(path.dirname(stateFile)), ['shop-dev.json.lock'])
    })
})

describe('freed by hand', () => {
  test('with the right nonce; its owner is told that it has lost it', async () => {
    const stateFile = stateFileIn(folder())
    const lock = await acquireLock(stateFile, 'multiregion up')
    await lock.check()
    plant(stateFile, { host: 'build-7' }, ownerOf(stateFile))
    await unlock(stateFile, String(ownerOf(stateFile).nonce))
    assert.equal(existsSync(lockOf(stateFile)), false)
    assert.match((await locked(lock.check())).message, /lost the lock .* freed by hand/)
    const next = await acquireLock(stateFile, 'multiregion down')
    assert.match((await locked(lock.check())).message, /running "multiregion down".* has it now/)
    await lock.release()
    assert.equal(ownerOf(stateFile).command, 'multiregion down')
    await next.release()
  })

  test('not while its run goes on here', async () => {
    const stateFile = stateFileIn(folder())
    const lock = await acquireLock(stateFile, 'multiregion up')
    const error = await locked(unlock(stateFile, String(ownerOf(stateFile).nonce)))
    assert.ok(error.hint.includes(`kill ${process.pid}`), error.hint)
    await lock.check()
    await lock.release()
  })

  test('not with another nonce: the error tells the right one and who holds it', async () => {
    const stateFile = stateFileIn(folder())
    const lock = await acquireLock(stateFile, 'multiregion up')
    const { nonce } = ownerOf(stateFile)
    await assert.rejects(unlock(stateFile, 'wrong'), (error: MultiregionError) => {
      assert.equal(error.code, 'wrong-nonce')
      assert.ok(error.hint.includes(`state unlock ${nonce}`))
      assert.ok(error.message.includes(`pid ${process.pid}`))
      return true
    })
    assert.equal(ownerOf(stateFile).nonce, nonce)
    await lock.release()
  })

  test('not where there is none', async () => {
    await assert.rejects(unlock(stateFileIn(folder()), 'any'), { code: 'not-locked' })
  })
})

test('a lock file that is none is not taken over, and not a bug', async () => {
  const stateFile = stateFileIn(folder())
  mkdirSync(path.dirname(stateFile))
  for (const text of ['', '{', '{}', '[]', 'null']) {
    writeFileSync(lockOf(stateFile), text)
    await assert.rejects(acquireLock(stateFile, 'multiregion up'), (error) => {
      assert.ok(error instanceof MultiregionError, `not ours: ${error}`)
      assert.match(error.message, /not readable/)
      assert.doesNotMatch(error.message, /\n/)
      return true
    })
  }
})

test('a lock that cannot be removed is an error of ours', async () => {
  const stateFile = stateFileIn(folder())
  const lock = await acquireLock(stateFile, 'multiregion up')
  const claim = `${lockOf(stateFile)}.removing`
  mkdirSync(claim)
  const longAgo = new Date(Date.now() - 60_000)
  utimesSync(claim, longAgo, longAgo)
  await assert.rejects(lock.release(), (error) => {
    assert.ok(error instanceof MultiregionError, `not ours: ${error}`)
    assert.match(error.message, /cannot be removed/)
    assert.ok(error.hint.includes(claim))
    return true
  })
})

test('a place where no lock can be made is an error of ours', async () => {
  const stateFile = stateFileIn(folder())
  writeFileSync(path.dirname(stateFile), 'a file where the folder should be')
  await assert.rejects(acquireLock(stateFile, 'multiregion up'), (error) => {
    assert.ok(error instanceof MultiregionError, `not ours: ${error}`)
    assert.ok(error.message.includes(lockOf(stateFile)))
    return true
  })
})
