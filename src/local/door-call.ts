// One question of the door to the daemon, over HTTP with the daemon's token: its answer, its refusal, or no reply. Who is
// asked for what is `door.ts`'s.
import http from 'node:http'
import type { DaemonRecord } from './daemon-record.js'
import { LocalFailure } from './failure.js'

/** A machine under load lets even a healthy daemon wait. */
const ANSWER_SECONDS = 10

/** Nothing came back in time. */
export class NoReply extends Error {}

/** A text is sent as it is. Rejects with NoReply, with the daemon's LocalFailure, or with what the network says. */
export function call<T>(record: DaemonRecord, method: string, route: string, body?: unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      `${record.endpointUrl}${route}`,
      {
        method,
        timeout: ANSWER_SECONDS * 1000,
        agent: false,
        headers: { 'x-multiregion-token': record.token },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          if (response.statusCode === 200) resolve(JSON.parse(text))
          else if (response.statusCode === 503) reject(new NoReply(`${route}: it starts or stops`))
          else reject(refusalIn(text) ?? new Error(`${route} answered ${response.statusCode}`))
        })
      },
    )
    request.on('timeout', () => request.destroy(new NoReply(`${route}: no answer`)))
    request.on('error', reject)
    request.end(typeof body === 'string' ? body : body && JSON.stringify(body))
  })
}

function refusalIn(text: string): LocalFailure | undefined {
  try {
    const { code, message, hint, data } = JSON.parse(text)
    return hint && new LocalFailure(code, message, hint, data)
  } catch {
    return undefined
  }
}
