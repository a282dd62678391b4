// The whole cloud in this process with IAM enforced for the operator, and words for what its tests ask: may he do that,
// and if not, what is he told.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cloud, openCloud } from '../../../src/local/cloud.js'

const OPERATOR = { accessKeyId: 'AKIALOCALOPERATOR000', secretAccessKey: 'operator-secret' }
export const USER = 'arn:aws:iam::000000000000:user/operator'
export const ACCOUNT = '000000000000'

interface ClientConfig {
  readonly region: string
  readonly endpoint: string
  readonly credentials: typeof OPERATOR
  readonly maxAttempts: 1
}

export interface OperatorCloud {
  readonly cloud: Cloud
  client<C>(Client: new (config: ClientConfig) => C, region?: string): C
  /** Gives the operator these statements and no others: `['lambda:GetFunction', '*']` and its like, or whole ones. */
  allow(...statements: (readonly [string | readonly string[], string] | object)[]): void
  /** The same cloud after a restart. */
  reopen(): Promise<OperatorCloud>
  close(): Promise<void>
}

export async function startOperatorCloud(dataDir?: string): Promise<OperatorCloud> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'operator-cloud-')))
  const cloud = await openCloud({
    dataDir: folder,
    profile: 'instant',
    scale: 60,
    seed: 1,
    operator: OPERATOR,
    enforceIam: true,
    regions: [],
    log: () => undefined,
  })
  return {
    cloud,
    client: (Client, region = 'eu-west-1') =>
      new Client({ region, endpoint: cloud.endpointUrl, credentials: OPERATOR, maxAttempts: 1 }),
    allow(...statements) {
      const Statement = statements.map((one) =>
        Array.isArray(one) ? { Effect: 'Allow', Action: one[0], Resource: one[1] } : one,
      )
      cloud.operator.setPolicy(JSON.stringify({ Version: '2012-10-17', Statement }))
    },
    async reopen() {
      await cloud.close()
      return startOperatorCloud(folder)
    },
    async close() {
      await cloud.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Asserts that the call is refused under that code with these words. */
export async function denied(call: Promise<unknown>, words: string | RegExp, code = 'AccessDeniedException') {
  const error = await call.then(
    () => assert.fail('it was allowed'),
    (thrown: Error) => thrown,
  )
  assert.equal(error.name, code, error.message)
  if (typeof words === 'string') assert.equal(error.message, words)
  else assert.match(error.message, words)
}

/** IAM's words for an action that no policy allows. */
export const notAllowed = (action: string, resource?: string) =>
  `User: ${USER} is not authorized to perform: ${action}${resource ? ` on resource: ${resource}` : ''} ` +
  `because no identity-based policy allows the ${action} action`

/** Asserts that a call gets past IAM, whatever the service then says. */
export async function passes(call: Promise<unknown>) {
  const error = await call.then(
    () => undefined,
    (thrown: Error) => thrown,
  )
  assert.doesNotMatch(`${error?.name} ${error?.message}`, /AccessDenied|not authorized|missing the following/)
}
