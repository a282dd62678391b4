// What the cases of Lambda start from: a role that Lambda can assume, zips, functions that are Active, invocations.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IAM } from '@aws-sdk/client-iam'
import { type CreateFunctionCommandInput, type InvokeCommandInput, Lambda } from '@aws-sdk/client-lambda'
import { strToU8, zipSync } from 'fflate'
import { ACCOUNT, IRELAND, type TestCloud } from '../cloud.js'

export const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
})
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/function`
export const ECHO = 'export const handler = async (event) => event'

export const arnOf = (name: string, region = IRELAND) =>
  `arn:aws:lambda:${region}:${ACCOUNT}:function:${name}`

/** A zip of files with these texts. The same texts give the same bytes. */
export function zipOf(files: Record<string, string>): Uint8Array {
  const entries = Object.entries(files).map(([name, text]) => [name, strToU8(text)] as const)
  return zipSync(Object.fromEntries(entries), { mtime: '1980-01-01' })
}

const roles = new WeakMap<TestCloud, Promise<unknown>>()

/** Makes the role of all functions, once in a cloud, and lets the time pass until Lambda can assume it. */
function ensureRole(cloud: TestCloud): Promise<unknown> {
  const known = roles.get(cloud)
  if (known) return known
  const made = cloud
    .client(IAM)
    .createRole({ RoleName: 'function', AssumeRolePolicyDocument: TRUST })
    .then(() => cloud.pass(15))
  roles.set(cloud, made)
  return made
}

/** A CreateFunction that AWS takes. */
export async function inputOf(
  cloud: TestCloud,
  FunctionName: string,
  code = ECHO,
  more: Partial<CreateFunctionCommandInput> = {},
): Promise<CreateFunctionCommandInput> {
  await ensureRole(cloud)
  return {
    FunctionName,
    Role: ROLE,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Architectures: ['arm64'],
    Code: { ZipFile: zipOf({ 'index.mjs': code }) },
    ...more,
  }
}

/** A function that is Active; seconds have passed. */
export async function active(
  cloud: TestCloud,
  name: string,
  code = ECHO,
  more: Partial<CreateFunctionCommandInput> = {},
): Promise<Lambda> {
  const lambda = cloud.client(Lambda)
  await lambda.createFunction(await inputOf(cloud, name, code, more))
  await cloud.pass(5)
  return lambda
}

/** The answer to an invocation, with its payload parsed and its log as text. */
export async function invoke(
  cloud: TestCloud,
  FunctionName: string,
  event: unknown = {},
  more: Partial<InvokeCommandInput> = {},
) {
  const input = { FunctionName, Payload: JSON.stringify(event), ...more }
  const { Payload, LogResult, $metadata, ...rest } = await cloud.client(Lambda).invoke(input)
  const text = Payload?.transformToString() ?? ''
  return {
    ...rest,
    payload: text ? JSON.parse(text) : undefined,
    log: LogResult === undefined ? undefined : Buffer.from(LogResult, 'base64').toString(),
    requestId: $metadata.requestId!,
  }
}

let folder: string | undefined

/** A file for the `aws` CLI, as `fileb://` takes it; removed with this process. */
export function fileOf(name: string, content: string | Uint8Array): string {
  if (!folder) {
    folder = mkdtempSync(join(tmpdir(), 'conformance-files-'))
    process.once('exit', () => rmSync(folder!, { recursive: true, force: true }))
  }
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

/** The arguments of `aws lambda create-function` for a function of that name. */
export async function createArguments(cloud: TestCloud, name: string, code = ECHO): Promise<string[]> {
  await ensureRole(cloud)
  const zip = fileOf(`${name}.zip`, zipOf({ 'index.mjs': code }))
  return [
    ...['lambda', 'create-function', '--function-name', name, '--runtime', 'nodejs24.x', '--role', ROLE],
    ...['--handler', 'index.handler', '--architectures', 'arm64', '--zip-file', `fileb://${zip}`],
  ]
}
