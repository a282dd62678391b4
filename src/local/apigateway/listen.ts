// Opens servers on ports that are to stay the same over restarts.
import type { AddressInfo, Server } from 'node:net'

/** Resolves with the port; 0 asks for any free one. Rejects when it is taken. */
export function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

/** Takes the port of the last time or, where that is not free, another. */
export async function listenAgain(server: Server, address: string, port: number): Promise<number> {
  try {
    return await listen(server, address, port)
  } catch (error) {
    if (!port || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return listen(server, address, 0)
  }
}
