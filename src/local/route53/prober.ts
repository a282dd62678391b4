// One probe of an endpoint, as a health checker does it: connect, ask, look at the answer. Its timeouts are real
// seconds. Which endpoint stands where on this machine is asked of `dial`; when to probe is `fleet.ts`'s business.
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { HealthCheckConfig } from '@aws-sdk/client-route-53'
import type { ProbeResult } from './checker.js'
import { failureText } from './probe-failure.js'

/** Where to connect. `resolved` is the address that the report names. */
export interface Endpoint {
  readonly address: string
  readonly port: number
  readonly resolved: string
}

// AWS: real seconds to connect, for the status after that, and for a body that is searched. TCP checks may take ten.
const CONNECT_MS = 4000
const CONNECT_TCP_MS = 10_000
const STATUS_MS = 2000
const BODY_MS = 2000
const SEARCHED_BYTES = 5120

export const defaultPort = ({ Type }: HealthCheckConfig) => (Type?.startsWith('HTTPS') ? 443 : 80)

/** AWS: the port stands in the Host header unless it is the protocol's own. */
function hostHeader(config: HealthCheckConfig): string {
  const host = config.FullyQualifiedDomainName ?? config.IPAddress ?? ''
  const port = config.Port ?? defaultPort(config)
  return port === defaultPort(config) ? host : `${host}:${port}`
}

export interface HealthProber {
  /** One probe. Never rejects: what went wrong is in the result. An abort ends it as a failure. */
  probe(id: string, config: HealthCheckConfig, endpoint: Endpoint, signal: AbortSignal): Promise<ProbeResult>
  /** Forgets what is kept for a check that is no more. */
  forget(id: string): void
}

/** Probes endpoints. One per cloud: it keeps TLS sessions, so that a probe costs no full handshake each time. */
export class Prober implements HealthProber {
  readonly #sessions = new Map<string, Buffer>()

  probe(
    id: string,
    config: HealthCheckConfig,
    endpoint: Endpoint,
    signal: AbortSignal,
  ): Promise<ProbeResult> {
    return new Promise((resolve) => {
      const fail = (text: string) =>
        finish({ success: false, status: `Failure: ${text} Resolved IP: ${endpoint.resolved}` })
      const abort = () => fail('The probe was cancelled.')
      let timer = setTimeout(
        () => fail(failureText('connect')),
        config.Type === 'TCP' ? CONNECT_TCP_MS : CONNECT_MS,
      )
      const again = (milliseconds: number, text: string) => {
        clearTimeout(timer)
        timer = setTimeout(() => fail(text), milliseconds)
      }
      let done = false
      const finish = (result: ProbeResult) => {
        if (done) return
        done = true
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
        connection.destroy()
        resolve(result)
      }
      const connection =
        config.Type === 'TCP'
          ? this.#connect(endpoint, finish, fail)
          : this.#request(id, config, endpoint, { finish, fail, again })
      signal.addEventListener('abort', abort, { once: true })
      if (signal.aborted) abort()
    })
  }

  forget(id: string): void {
    this.#sessions.delete(id)
  }

  #connect({ address, port }: Endpoint, finish: (result: ProbeResult) => void, fail: (text: string) => void) {
    const socket = net.connect({ host: address, port })
    socket.once('connect', () => finish({ success: true, status: 'Success: TCP connection established.' }))
    socket.on('error', (error) => fail(failureText(error)))
    return socket
  }

  #request(id: string, config: HealthCheckConfig, endpoint: Endpoint, probe: ProbeControl) {
    const secure = config.Type!.startsWith('HTTPS')
    const path = config.ResourcePath ?? '/'
    const session = this.#sessions.get(id)
    const options: https.RequestOptions = {
      host: endpoint.address,
      port: endpoint.port,
      path: path.startsWith('/') ? path : `/${path}`,
      agent: false,
      headers: {
        host: hostHeader(config),
        'user-agent': `Amazon-Route53-Health-Check-Service (ref ${id}; report http://amzn.to/1vsZADi)`,
        accept: '*/*',
        connection: 'close',
      },
      ...(secure && {
        // AWS: certificates are not validated; health checkers speak TLS 1.0 to 1.2.
        rejectUnauthorized: false,
        maxVersion: 'TLSv1.2',
        servername: config.EnableSNI ? (config.FullyQualifiedDomainName ?? '') : '',
        ...(session && { session }),
      }),
    }
    const request = (secure ? https : http).request(options)
    request.once('socket', (socket) => {
      const ready = () => probe.again(STATUS_MS, failureText('status'))
      socket.once(secure ? 'secureConnect' : 'connect', ready)
      if (secure) (socket as TLSSocket).on('session', (ticket) => this.#sessions.set(id, ticket))
    })
    request.once('response', (response) => read(response, config, probe))
    request.on('error', (error) => probe.fail(failureText(error)))
    request.end()
    return request
  }
}

interface ProbeControl {
  finish(result: ProbeResult): void
  fail(text: string): void
  /** Restarts the timer: fails with that text when nothing ends the probe before. */
  again(milliseconds: number, text: string): void
}

/** AWS: 2xx and 3xx are healthy. */
function read(response: http.IncomingMessage, config: HealthCheckConfig, probe: ProbeControl): void {
  const code = response.statusCode ?? 0
  const line = `HTTP Status Code ${code}, ${http.STATUS_CODES[code] ?? response.statusMessage ?? ''}`
  if (code < 200 || code > 399) probe.fail(`${line}.`)
  else if (config.SearchString !== undefined) search(response, config.SearchString, line, probe)
  else probe.finish({ success: true, status: `Success: ${line}` })
}

/** AWS: the string must lie wholly in the first 5,120 bytes of the body; capitals count. */
function search(response: http.IncomingMessage, wanted: string, line: string, probe: ProbeControl): void {
  let body: Buffer = Buffer.alloc(0)
  const notFound = () => probe.fail(`${line}. ${failureText('string')}`)
  probe.again(BODY_MS, failureText('body'))
  response.on('data', (chunk: Buffer) => {
    body = Buffer.concat([body, chunk]).subarray(0, SEARCHED_BYTES)
    if (body.includes(wanted)) probe.finish({ success: true, status: `Success: ${line}` })
    else if (body.length === SEARCHED_BYTES) notFound()
  })
  response.once('end', notFound)
  response.on('error', (error) => probe.fail(failureText(error)))
}
