// What the handlers know of API Gateway: the parts of a proxy event that they read, and answers in the form it takes.
// Knows no item and no table: those are `table.ts`'s. Shipped to Lambda inside each handler's bundle.

/** A Lambda proxy event of a REST API, as far as the handlers read it. */
export interface ApiEvent {
  readonly body?: string | null
  readonly isBase64Encoded?: boolean
  readonly pathParameters?: Readonly<Record<string, string | undefined>> | null
}

export interface ApiAnswer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Thrown where the client is at fault; its message is the answer, so it says nothing about our insides. */
export class Refusal extends Error {
  constructor(
    readonly statusCode: number,
    message: string,
  ) {
    super(message)
  }
}

// AWS: with a proxy integration the function itself must send the CORS headers; API Gateway only answers OPTIONS.
const HEADERS = {
  'content-type': 'application/json',
  'access-control-allow-origin': '*',
  'access-control-allow-credentials': 'false',
} as const

/** A JSON answer. API Gateway wants a number and a string, else it answers 502. */
export function answer(statusCode: number, value: unknown): ApiAnswer {
  return { statusCode, headers: HEADERS, body: JSON.stringify(value) }
}

/** Makes a handler of some work: a Refusal becomes its status, anything else that is thrown is logged and becomes 500. */
export function answering(work: (event: ApiEvent) => Promise<ApiAnswer>) {
  return async (event: ApiEvent): Promise<ApiAnswer> => {
    try {
      return await work(event ?? {})
    } catch (error) {
      if (error instanceof Refusal) return answer(error.statusCode, { message: error.message })
      console.error(error)
      return answer(500, { message: 'Internal server error' })
    }
  }
}

// A name and a number need a few hundred bytes; more than this is a mistake or worse.
const LARGEST_BODY_BYTES = 64 * 1024

/** The JSON object in an event's body. Throws a Refusal with 400 for anything else. */
export function jsonBody({ body, isBase64Encoded }: ApiEvent): Readonly<Record<string, unknown>> {
  if (typeof body !== 'string' || body === '') throw new Refusal(400, 'the body is missing')
  const bytes = Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8')
  if (bytes.length > LARGEST_BODY_BYTES) {
    throw new Refusal(400, `the body is larger than ${LARGEST_BODY_BYTES} bytes`)
  }
  const value = parse(bytes)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refusal(400, 'the body must be a JSON object')
  }
  return value as Record<string, unknown>
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new Refusal(400, 'the body is not valid JSON')
  }
}
