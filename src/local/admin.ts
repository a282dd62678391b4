// What the daemon answers to its door below `/_local/`: status, logs, faults, the operator's policy, the end. Whoever has the token of
// `daemon.json` may ask; AWS's own APIs are `wire/front.ts`'s.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Cloud } from './cloud.js'
import { LocalFailure } from './failure.js'
import type { FaultInput } from './fault/rule.js'
import { type Process, statusOf } from './status.js'
import { checkPolicy } from './sts-iam/operator.js'
import { AwsError } from './wire/errors.js'

export interface AdminOptions extends Process {
  readonly token: string
  readonly instance: string
  /** Undefined while it starts. */
  cloud(): Cloud | undefined
  stop(why: string): Promise<void>
}

type Admin = (request: IncomingMessage, response: ServerResponse) => Promise<void>
type Route = (cloud: Cloud, url: URL, request: IncomingMessage) => unknown

const LONGEST_BODY_BYTES = 65_536

export function adminOf(options: AdminOptions): Admin {
  const routes: Readonly<Record<string, Route>> = {
    'GET /_local/status': (cloud) => ({ instance: options.instance, ...statusOf(cloud, options) }),
    'GET /_local/logs': (cloud, { searchParams }) => linesOf(cloud, searchParams),
    'GET /_local/fault': (cloud) => cloud.faults.list(),
    'POST /_local/fault': async (cloud, _, request) => cloud.faults.add(await inputOf(request)),
    'DELETE /_local/fault': (cloud, { searchParams }) => ({
      cleared: cloud.faults.clear(searchParams.get('id') ?? undefined),
    }),
    'PUT /_local/policy': async (cloud, _, request) => givePolicy(cloud, await textOf(request)),
    'POST /_local/stop': () => {
      void options.stop('asked to')
      return {}
    },
  }

  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const answer = (status: number, body: unknown) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.headers['x-multiregion-token'] !== options.token) return answer(403, { message: 'Forbidden' })
    const route = routes[`${request.method} ${url.pathname}`]
    if (!route) return answer(404, { message: 'Not Found' })
    const cloud = options.cloud()
    if (!cloud) return answer(503, { message: 'starting' })
    try {
      const body = await route(cloud, url, request)
      if (request.method !== 'GET') await cloud.flush()
      answer(200, body)
    } catch (error) {
      if (!(error instanceof LocalFailure)) throw error
      const { code, message, hint, data } = error
      answer(400, { code, message, hint, data })
    }
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text += chunk
    if (text.length <= LONGEST_BODY_BYTES) continue
    throw new LocalFailure(
      'too-long',
      `That is longer than ${LONGEST_BODY_BYTES} bytes.`,
      'A policy has at most 6,144 characters besides white space.',
    )
  }
  return text
}

/** The operator's, which IAM holds him to where it is enforced. */
function givePolicy(cloud: Cloud, document: string): object {
  refusePolicy(document)
  cloud.operator.setPolicy(document)
  return {}
}

/** Throws LocalFailure for what IAM would not take from the operator. */
export function refusePolicy(document: string): void {
  try {
    checkPolicy(document)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    throw new LocalFailure(
      'policy-refused',
      `IAM refuses the policy: ${error.code}: ${error.message}`,
      'multiregion policy prints one that is enough; AWS would say the same.',
    )
  }
}

async function inputOf(request: IncomingMessage): Promise<FaultInput> {
  const text = await textOf(request)
  try {
    return JSON.parse(text) as FaultInput
  } catch {
    throw new LocalFailure(
      'fault-refused',
      'A fault is a JSON object.',
      'See multiregion local fault add --help.',
    )
  }
}

function linesOf(cloud: Cloud, query: URLSearchParams) {
  const since = Number(query.get('since') ?? 0)
  const region = query.get('region')
  const name = query.get('function')
  return cloud
    .logGroups()
    .filter((one) => !region || one.region === region)
    .filter((one) => !name || one.group.endsWith(`-${name}`) || one.group.endsWith(`/${name}`))
    .flatMap(({ region, group }) =>
      cloud.logs.read(region, group, since).map(({ at, message }) => ({ region, group, at, message })),
    )
    .sort((a, b) => a.at - b.at)
}
