// The local authority: what openssl and a TLS handshake think of its certificates, and what is kept on disk.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { connect, createServer } from 'node:tls'
import { type Authority, openAuthority } from '../../../src/local/acm/authority.js'

let dataDir: string
let authority: Authority
before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'authority-'))
  authority = await openAuthority(dataDir)
})
after(() => rm(dataDir, { recursive: true, force: true }))

const openssl = (...args: string[]) => execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' })

describe('the local authority', () => {
  it('signs what openssl verifies, for the names asked for and no other', async () => {
    const leaf = join(dataDir, 'leaf.pem')
    await writeFile(leaf, (await authority.issue(['api.example.com', '*.api.example.com'])).certPem)
    const verify = (host: string) =>
      openssl(
        'verify',
        '-x509_strict',
        '-purpose',
        'sslserver',
        '-CAfile',
        authority.caFile,
        '-verify_hostname',
        host,
        leaf,
      )
    assert.match(verify('api.example.com'), /: OK/)
    assert.match(verify('a.api.example.com'), /: OK/)
    assert.throws(() => verify('example.com'), /hostname mismatch/i)
  })

  it('gives a leaf of 198 real days with a serial of its own, not one that can sign', async () => {
    const [one, other] = [await authority.issue(['a.example.com']), await authority.issue(['a.example.com'])]
    const leaf = new X509Certificate(one.certPem)
    const days = (one.notAfter.getTime() - Date.now()) / 86_400_000
    assert.ok(days > 197 && days <= 198)
    assert.equal(leaf.ca, false)
    assert.equal(leaf.serialNumber.toLowerCase(), one.serial.toLowerCase())
    assert.notEqual(one.serial, other.serial)
    assert.notEqual(one.keyPem, other.keyPem)
  })

  it('serves TLS to a client that trusts its root, and to no other', async () => {
    const { chainPem, keyPem } = await authority.issue(['api.example.com'])
    const server = createServer({ cert: chainPem, key: keyPem }, (socket) => socket.end())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const shake = async (ca?: string) => {
      const options = { port, host: '127.0.0.1', servername: 'api.example.com', ...(ca && { ca }) }
      const socket = connect(options)
      await once(socket, 'secureConnect')
      socket.destroy()
    }
    try {
      await shake(authority.caPem)
      await assert.rejects(shake(), { code: 'SELF_SIGNED_CERT_IN_CHAIN' })
    } finally {
      server.close()
    }
  })

  it('is made once, its key readable by the owner only', async () => {
    const again = await openAuthority(dataDir)
    assert.equal(again.caPem, authority.caPem)
    assert.equal(await readFile(join(dataDir, 'ca.pem'), 'utf8'), authority.caPem)
    const { certPem } = await again.issue(['b.example.com'])
    assert.ok(new X509Certificate(certPem).verify(new X509Certificate(authority.caPem).publicKey))
    assert.equal((await stat(join(dataDir, 'ca-key.pem'))).mode & 0o777, 0o600)
    assert.equal((await stat(join(dataDir, 'ca.pem'))).mode & 0o777, 0o644)
  })

  it('does not silently replace a root whose key is lost', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'authority-lost-'))
    await openAuthority(folder)
    await rm(join(folder, 'ca-key.pem'))
    await assert.rejects(openAuthority(folder), { code: 'local-data-damaged' })
    await rm(folder, { recursive: true, force: true })
  })
})
