// Reads the logs of a LevelDB store before it is opened, as LevelDB passes over what is damaged there without a word.
// A log may end in the middle of a record: that is how a kill leaves it. Whose store it is, `data-check.ts` knows.

// https://github.com/google/leveldb/blob/main/doc/log_format.md
const BLOCK_BYTES = 32_768
const HEADER_BYTES = 7
/** So many zeros at the end are what a power cut leaves of a record; texts have none. */
const ZEROS_BYTES = 16

/** At which byte a log is damaged; undefined where it is whole up to a torn end. */
export function findDamage(log: Buffer): number | undefined {
  let at = 0
  while (log.length - at >= HEADER_BYTES) {
    const leftInBlock = BLOCK_BYTES - (at % BLOCK_BYTES)
    if (leftInBlock < HEADER_BYTES) {
      at += leftInBlock
      continue
    }
    const length = log.readUInt16LE(at + 4)
    const type = log[at + 6]!
    if (type === 0 && length === 0) return isZero(log, at) ? undefined : at
    const end = at + HEADER_BYTES + length
    const mostEnd = Math.min(at + leftInBlock, log.length)
    if (end > mostEnd) return mostEnd < log.length || hasWholeRecord(log, at) ? at : undefined
    if (crcOf(log, at + 6, end) !== storedCrc(log, at)) {
      const isCut = end === log.length && isZero(log, Math.max(at + HEADER_BYTES, end - ZEROS_BYTES))
      return isCut ? undefined : at
    }
    at = end
  }
  return undefined
}

const isZero = (log: Buffer, from: number) => log.subarray(from).every((byte) => byte === 0)

/** Seems torn, and is whole but for its length. */
function hasWholeRecord(log: Buffer, at: number): boolean {
  const wanted = storedCrc(log, at)
  let crc = ~0
  for (let next = at + 6; next < log.length; next++) {
    crc = crcStep(crc, log[next]!)
    if (~crc >>> 0 === wanted) return true
  }
  return false
}

const MASK_DELTA = 0xa282ead8

/** LevelDB keeps them rotated and shifted. */
function storedCrc(log: Buffer, at: number): number {
  const rotated = (log.readUInt32LE(at) - MASK_DELTA) >>> 0
  return ((rotated >>> 17) | (rotated << 15)) >>> 0
}

/** CRC-32C; Node's own is of another polynomial. */
const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  return crc
})

const crcStep = (crc: number, byte: number) => TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8)

function crcOf(log: Buffer, from: number, to: number): number {
  let crc = ~0
  for (let at = from; at < to; at++) crc = crcStep(crc, log[at]!)
  return ~crc >>> 0
}
