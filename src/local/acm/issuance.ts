// What ACM does by itself: looks whether validation records resolve, issues when they do, and notices late that a
// certificate is no longer held. What callers do is in certificate-operation.ts.
import type { CertificateHoldersPort, DnsPort } from '../ports.js'
import type { Collection, World } from '../world.js'
import type { Authority } from './authority.js'
import { caaAllows } from './caa.js'
import type { LeafKeys } from './leaf-key.js'
import { type CertificateRecord, statusOf, type Validation, validationRecord } from './record.js'

export interface IssuanceOptions {
  readonly world: World
  readonly certificates: Collection<CertificateRecord>
  readonly authority: Authority
  readonly keys: LeafKeys
  readonly holders: CertificateHoldersPort
  readonly dns: DnsPort
}

export interface Issuance {
  /** Brings one certificate to where it should be now; a no-op for one that is not there. */
  advance(key: string): Promise<void>
  /** Looks at all certificates every few virtual seconds, from now on. */
  start(): void
  /** Ends the looking, and waits for what is under way. */
  close(): Promise<void>
}

const LOOK_EVERY_SECONDS = 5
// At high time scales the machine still has other things to do.
const SHORTEST_PAUSE_REAL_SECONDS = 0.05

export function issuanceOf(options: IssuanceOptions): Issuance {
  const { world, certificates } = options
  const issuing = new Map<string, Promise<void>>()
  const closing = new AbortController()
  let looking: Promise<void> | undefined

  async function advance(key: string): Promise<void> {
    const record = certificates.get(key)
    if (!record) return
    const next = { ...record, validations: lookedUp(options, record), use: useOf(options, record) }
    certificates.set(key, next)
    const proven = next.validations.every(({ validatedAt }) => validatedAt !== undefined)
    if (!proven || statusOf(next, world.clock.now()) !== 'PENDING_VALIDATION') return
    // AWS: asked after the names are proven, so that a refusal leaves their validation a success.
    if (!next.names.every((name) => caaAllows(options.dns, name))) {
      certificates.set(key, { ...next, failure: 'CAA_ERROR' })
      return
    }
    const issue = issuing.get(key) ?? issueOnce(options, key).finally(() => issuing.delete(key))
    issuing.set(key, issue)
    await issue
  }

  async function lookAtAll(): Promise<void> {
    for (const key of [...certificates.keys()]) {
      await advance(key).catch((error: unknown) => world.log(`acm: ${key}: ${error}`))
    }
  }

  async function lookForEver(): Promise<void> {
    const { clock } = world
    const pauseSeconds = Math.max(LOOK_EVERY_SECONDS, SHORTEST_PAUSE_REAL_SECONDS * clock.scale)
    while (!closing.signal.aborted) {
      await clock.sleep(pauseSeconds, closing.signal)
      if (!closing.signal.aborted) await lookAtAll()
    }
  }

  return {
    advance,
    start() {
      looking ??= lookForEver()
    },
    async close() {
      closing.abort()
      await looking
    },
  }
}

/** The proofs of a pending certificate, as of now. AWS: a record is believed some minutes after it is first seen. */
function lookedUp({ world, dns }: IssuanceOptions, record: CertificateRecord): readonly Validation[] {
  const now = world.clock.now()
  if (statusOf(record, now) !== 'PENDING_VALIDATION' || record.recordNamedAt > now) return record.validations
  return record.validations.map((validation) => {
    if (validation.validatedAt !== undefined) return validation
    if (!resolves(dns, world.account, validation.domain)) return validation
    const dueAt = validation.dueAt ?? world.clock.after(world.takes('acm.issue'))
    const due = world.clock.since(dueAt) >= 0
    return { ...validation, dueAt, ...(due && { validatedAt: world.clock.now() }) }
  })
}

function resolves(dns: DnsPort, account: string, domain: string): boolean {
  const { Name, Value } = validationRecord(account, domain)
  const wanted = plain(Value!)
  return dns
    .resolve(plain(Name!), 'CNAME')
    .some(({ type, data }) => type === 'CNAME' && plain(data) === wanted)
}

const plain = (name: string) => name.replace(/\.$/, '').toLowerCase()

/** AWS: for many minutes after the last holder went, ACM still believes it is there. */
function useOf(
  { world, holders }: IssuanceOptions,
  { arn, use }: CertificateRecord,
): CertificateRecord['use'] {
  const current = holders.holdersOf(arn)
  if (current.length) return { holders: current }
  if (!use) return undefined
  const freeAt = use.freeAt ?? world.clock.after(world.takes('acm.in-use-after-domain'))
  return world.clock.since(freeAt) >= 0 ? undefined : { ...use, freeAt }
}

async function issueOnce(
  { world, certificates, authority, keys }: IssuanceOptions,
  key: string,
): Promise<void> {
  const { names, keyAlgorithm } = certificates.get(key)!
  const { certPem, chainPem, keyPem, serial, notBefore, notAfter } = await authority.issue(
    names,
    keyAlgorithm,
  )
  const record = certificates.get(key)
  // It may have been deleted meanwhile.
  if (!record) return
  keys.write(record.id, keyPem)
  const issued = {
    at: world.clock.now(),
    certPem,
    chainPem,
    serial,
    notBefore: notBefore.getTime(),
    notAfter: notAfter.getTime(),
  }
  certificates.set(key, { ...record, issued })
}
