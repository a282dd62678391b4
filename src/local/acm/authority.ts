// The local certificate authority: a key and a root certificate, made once and kept in the cloud's folder, and the
// server certificates that it signs. When a certificate may be issued is issuance.ts's. Validity is real time.
//
// The root key is worth guarding: who trusts ca.pem trusts every name that this key signs.
import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { damaged } from '../failure.js'

/** What the key of a server certificate is, in ACM's words. */
export type LeafKey = 'RSA_2048' | 'EC_prime256v1' | 'EC_secp384r1'

/** A server certificate with its key; all texts are PEM. */
export interface Issued {
  /** The leaf only. */
  readonly certPem: string
  /** The leaf, then the authority. */
  readonly chainPem: string
  /** PKCS #8. */
  readonly keyPem: string
  /** Hexadecimal, without separators. */
  readonly serial: string
  readonly notBefore: Date
  readonly notAfter: Date
}

export interface Authority {
  readonly caPem: string
  /** Where `caPem` lies on disk. */
  readonly caFile: string
  /** A certificate for these DNS names; the first one is its subject, too. Wildcards are allowed. The key is on P-256 by default. */
  issue(names: readonly string[], key?: LeafKey): Promise<Issued>
}

const NAME = 'multiregion local CA'
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const LEAF_KEYS: Readonly<Record<LeafKey, webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams>> = {
  RSA_2048: {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  },
  EC_prime256v1: ALGORITHM,
  EC_secp384r1: { name: 'ECDSA', namedCurve: 'P-384' },
}
const DAY_MS = 86_400_000
const ROOT_DAYS = 3650
// AWS: ACM's public certificates are valid for 198 days (since browsers accept 200 at most).
const LEAF_DAYS = 198
// Clients whose clocks are a little behind accept a fresh certificate.
const BACKDATED_MS = 3_600_000
// RFC 5280: a common name holds at most 64 characters.
const LONGEST_COMMON_NAME = 64

x509.cryptoProvider.set(webcrypto)

type KeyPair = Awaited<ReturnType<typeof newKeys>>

/** The authority kept in that folder, made at the first call. Rejects when its certificate is there but its key is gone. */
export async function openAuthority(dataDir: string): Promise<Authority> {
  const caFile = join(dataDir, 'ca.pem')
  const keyFile = join(dataDir, 'ca-key.pem')
  if (!existsSync(caFile)) await makeRoot(caFile, keyFile)
  const caPem = await readFile(caFile, 'utf8')
  const root = await read(caFile, 'certificate', async () => new x509.X509Certificate(caPem))
  const rootKey = await read(keyFile, 'key', async () => importKey(await readFile(keyFile, 'utf8')))
  return { caPem, caFile, issue: (...leaf) => issue(root, caPem, rootKey, ...leaf) }
}

async function read<T>(file: string, what: string, parse: () => Promise<T>): Promise<T> {
  try {
    return await parse()
  } catch (error) {
    const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw damaged(file, isGone ? 'it is missing' : `it holds no ${what} that can be read`)
  }
}

async function makeRoot(caFile: string, keyFile: string): Promise<void> {
  const keys = await newKeys()
  const now = Date.now()
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: `CN=${NAME}`,
    notBefore: new Date(now - BACKDATED_MS),
    notAfter: new Date(now + ROOT_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  // The certificate comes last: where it is, its key is.
  await writeWhole(keyFile, await exportKey(keys), 0o600)
  await writeWhole(caFile, pem(root), 0o644)
}

async function issue(
  root: x509.X509Certificate,
  caPem: string,
  rootKey: KeyPair['privateKey'],
  names: readonly string[],
  key: LeafKey = 'EC_prime256v1',
): Promise<Issued> {
  const keys = await newKeys(key)
  const now = Date.now()
  const subject = names.find((name) => name.length <= LONGEST_COMMON_NAME)
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    ...(subject && { subject: `CN=${subject}` }),
    issuer: root.subject,
    notBefore: new Date(now - BACKDATED_MS),
    notAfter: new Date(now + LEAF_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: rootKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.KeyUsagesExtension(usagesOf(key), true),
      await x509.AuthorityKeyIdentifierExtension.create(root),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const { serialNumber, notBefore, notAfter } = leaf
  const certPem = pem(leaf)
  return {
    certPem,
    chainPem: certPem + caPem,
    keyPem: await exportKey(keys),
    serial: serialNumber,
    notBefore,
    notAfter,
  }
}

const newKeys = (key: LeafKey = 'EC_prime256v1') =>
  webcrypto.subtle.generateKey(LEAF_KEYS[key], true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>

/** AWS: an RSA key may encipher keys, too. */
const usagesOf = (key: LeafKey) =>
  key === 'RSA_2048'
    ? x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment
    : x509.KeyUsageFlags.digitalSignature

/** 16 bytes; the first one makes it positive and keeps its length. */
function newSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x3f) | 0x40
  return bytes.toString('hex')
}

const pem = (certificate: x509.X509Certificate) => `${certificate.toString('pem').trimEnd()}\n`

async function exportKey({ privateKey }: KeyPair): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', privateKey)
  return `${x509.PemConverter.encode(der, 'PRIVATE KEY')}\n`
}

function importKey(text: string): Promise<KeyPair['privateKey']> {
  const der = x509.PemConverter.decodeFirst(text)
  return webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign'])
}

/** Writes all of a file or nothing of it, even when the process dies meanwhile. */
async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  const beside = `${file}.${process.pid}.tmp`
  await writeFile(beside, text, { mode })
  await rename(beside, file)
}
