// What a caller gets who is to get no answer: its connection closed, reset, or left open. When that happens is
// `faults.ts`'s; the connection is that of the front door or of a region's HTTPS.
import type { Socket } from 'node:net'
import type { NoAnswer } from '../wire/errors.js'

/** `socket` is the TCP connection, below TLS. */
export function withhold({ how, over }: Pick<NoAnswer, 'how' | 'over'>, socket: Socket): void {
  if (socket.destroyed) return
  if (how === 'close') socket.destroy()
  else if (how === 'reset' || over.aborted) socket.resetAndDestroy()
  else hold(socket, over)
}

/** Until the fault is over, or the client gives up. */
function hold(socket: Socket, over: AbortSignal): void {
  const release = () => socket.resetAndDestroy()
  over.addEventListener('abort', release, { once: true })
  socket.once('close', () => over.removeEventListener('abort', release))
}
