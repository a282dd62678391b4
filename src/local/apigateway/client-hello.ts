// Reads the server name out of the first bytes of a TLS connection, before any TLS is spoken. What is done with it is
// `region-server.ts`'s.

/** `more`: the hello is not whole yet. `none`: whole, but without a server name, or no TLS at all. */
export type ServerName = { readonly name: string } | 'more' | 'none'

const HANDSHAKE = 22
const CLIENT_HELLO = 1
const SERVER_NAME = 0
const RECORD_HEADER_BYTES = 5
// A hello is far smaller, even with post-quantum keys; what is longer is not waited for.
const LARGEST_HELLO_BYTES = 64 * 1024

/** Never throws, whatever the bytes. */
export function serverNameOf(bytes: Buffer): ServerName {
  if (bytes.length > LARGEST_HELLO_BYTES) return 'none'
  const handshake = joinRecords(bytes)
  if (!Buffer.isBuffer(handshake)) return handshake
  if (handshake.length < 4) return 'more'
  if (handshake[0] !== CLIENT_HELLO) return 'none'
  const length = handshake.readUIntBE(1, 3)
  if (handshake.length < 4 + length) return 'more'
  const name = nameIn(cursor(handshake.subarray(4, 4 + length)))
  return name ? { name } : 'none'
}

/** The payload of all whole records, which a hello may be spread over; `more` while the first one is not whole. */
function joinRecords(bytes: Buffer): Buffer | 'more' | 'none' {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== HANDSHAKE) return parts.length ? Buffer.concat(parts) : 'none'
    if (at + RECORD_HEADER_BYTES > bytes.length) break
    const end = at + RECORD_HEADER_BYTES + bytes.readUInt16BE(at + 3)
    if (end > bytes.length) break
    parts.push(bytes.subarray(at + RECORD_HEADER_BYTES, end))
    at = end
  }
  return parts.length ? Buffer.concat(parts) : 'more'
}

/** Reads vectors one after the other; undefined from the first one that is cut off. */
function cursor(bytes: Buffer) {
  let at = 0
  let isCut = false
  const take = (count: number): Buffer | undefined => {
    isCut ||= at + count > bytes.length
    if (isCut) return undefined
    at += count
    return bytes.subarray(at - count, at)
  }
  return {
    take,
    /** A number of that many bytes. */
    number: (size: number) => take(size)?.readUIntBE(0, size),
    /** What follows a length of that many bytes. */
    vector(size: number): Buffer | undefined {
      const length = take(size)?.readUIntBE(0, size)
      return length === undefined ? undefined : take(length)
    },
    isAtEnd: () => isCut || at >= bytes.length,
  }
}

// RFC 8446 4.1.2: version, random, session id, cipher suites, compression methods, extensions.
function nameIn(hello: ReturnType<typeof cursor>): string | undefined {
  hello.take(2 + 32)
  hello.vector(1)
  hello.vector(2)
  hello.vector(1)
  const extensions = cursor(hello.vector(2) ?? Buffer.alloc(0))
  while (!extensions.isAtEnd()) {
    const type = extensions.number(2)
    const data = extensions.vector(2)
    if (type === SERVER_NAME && data) return firstHost(data)
  }
  return undefined
}

// RFC 6066 3: a list of names, of which only the type 0 (a host) exists.
function firstHost(data: Buffer): string | undefined {
  const list = cursor(cursor(data).vector(2) ?? Buffer.alloc(0))
  const type = list.number(1)
  const name = list.vector(2)?.toString('latin1').toLowerCase()
  return type === 0 && name && /^[\w.-]+$/.test(name) ? name.replace(/\.$/, '') : undefined
}
