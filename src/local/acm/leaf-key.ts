// The private keys of issued certificates: one file each, readable by the owner only, never in the store.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface LeafKeys {
  write(certificateId: string, keyPem: string): void
  /** Throws when there is none. */
  read(certificateId: string): string
  delete(certificateId: string): void
}

/** The keys below that folder of the cloud's data. Reads are remembered: every TLS handshake may ask. */
export function leafKeysIn(dataDir: string): LeafKeys {
  const folder = join(dataDir, 'acm')
  const fileOf = (certificateId: string) => join(folder, `${certificateId}.key.pem`)
  const known = new Map<string, string>()
  return {
    write(certificateId, keyPem) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      writeFileSync(fileOf(certificateId), keyPem, { mode: 0o600 })
      known.set(certificateId, keyPem)
    },
    read(certificateId) {
      const keyPem = known.get(certificateId) ?? readFileSync(fileOf(certificateId), 'utf8')
      known.set(certificateId, keyPem)
      return keyPem
    },
    delete(certificateId) {
      rmSync(fileOf(certificateId), { force: true })
      known.delete(certificateId)
    },
  }
}
