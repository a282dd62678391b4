// Why a probe failed, in the words of Route 53's status reports. `prober.ts` puts the resolved address behind them.

const TEXTS = {
  connect: 'The health checker could not establish a connection within the timeout limit.',
  status: 'The endpoint did not respond with an HTTP status code within the timeout limit.',
  body: 'The endpoint did not send the response body within the timeout limit.',
  string: 'The search string was not found in the response body.',
} as const

const BY_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused.',
  ECONNRESET: 'Connection reset by peer.',
  EHOSTUNREACH: 'No route to host.',
  ENETUNREACH: 'Network is unreachable.',
  ETIMEDOUT: TEXTS.connect,
}

/** A sentence for a step that took too long, or for an error of the connection. */
export function failureText(cause: keyof typeof TEXTS | (Error & { code?: string })): string {
  if (typeof cause === 'string') return TEXTS[cause]
  const code = cause.code ?? ''
  // AWS: an endpoint that refuses the handshake is reported with the name of its alert.
  const alert = /alert ([a-z ]+)/.exec(cause.message)?.[1]
  if (alert) return `SSL alert ${alert.replaceAll(' ', '_')}.`
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return 'SSL handshake failed.'
  if (code.startsWith('HPE_')) return 'The response is not valid HTTP.'
  return BY_CODE[code] ?? `${cause.message}.`
}
