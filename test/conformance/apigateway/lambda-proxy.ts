// What callers get of a function behind an API, the function and its permission being Lambda's own.
import assert from 'node:assert/strict'
import { lambdaUri, proxied } from '../../local/apigateway/gateway-cloud.js'
import { ACCOUNT, IRELAND, type TestCloud } from '../cloud.js'
import { active } from '../lambda/function.js'
import type { Cases } from '../suite.js'
import { answers, ask, hostOf, servedApi } from './api.js'

const MEGABYTE = 1024 * 1024
const NOT_PERMITTED = '{"message": "Internal server error"}'

let functions = 0

/** An API of one proxied method that posts to a function with that code; its host. */
async function behind(cloud: TestCloud, code: string, permit = true): Promise<string> {
  functions += 1
  const name = `proxied${functions}`
  const lambda = await active(cloud, name, `export const handler = ${code}`)
  const { restApiId } = await servedApi(cloud, {
    openapi: '3.0.1',
    info: { title: 'case', version: '1' },
    paths: { '/call': { post: proxied(lambdaUri(IRELAND, name)), get: proxied(lambdaUri(IRELAND, name)) } },
  })
  if (permit) {
    await lambda.addPermission({
      FunctionName: name,
      StatementId: 'api',
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: `arn:aws:execute-api:${IRELAND}:${ACCOUNT}:${restApiId}/*/*/call`,
    })
  }
  return hostOf(restApiId)
}

export const proxyCases: Cases = {
  'a function answers with its own status, headers and body': async (cloud) => {
    const host = await behind(
      cloud,
      `async ({ path }) => ({ statusCode: 201, headers: { 'x-own': 'yes' }, body: path })`,
    )
    const { headers } = await answers(cloud, host, '/dev/call', 201, '/call')
    assert.equal(headers['x-own'], 'yes')
    assert.match(String(headers['x-amzn-trace-id']), /^Root=1-/)
  },
  'without the function’s permission callers get 500': async (cloud) => {
    const host = await behind(cloud, `async () => ({ statusCode: 200, body: '' })`, false)
    const { headers } = await answers(cloud, host, '/dev/call', 500, NOT_PERMITTED)
    assert.equal(headers['x-amzn-errortype'], 'InternalServerErrorException')
  },
  'an output without the proxy’s form, and an error of the function, are a 502': async (cloud) => {
    const text = '{"message": "Internal server error"}'
    await answers(cloud, await behind(cloud, `async () => 'hello'`), '/dev/call', 502, text)
    const failing = await behind(cloud, `async () => { throw new Error('no') }`)
    await answers(cloud, failing, '/dev/call', 502, text)
  },
  'an event beyond Lambda’s 6 MB and a body beyond the API’s 10 MB are a 413': async (cloud) => {
    const host = await behind(cloud, `async ({ body }) => ({ statusCode: 200, body: String(body.length) })`)
    const post = async (megabytes: number) => {
      const body = Buffer.alloc(megabytes * MEGABYTE, 'a')
      const answer = await ask(cloud, host, '/dev/call', { method: 'POST', body })
      return [answer.status, answer.body]
    }
    assert.deepEqual(await post(5), [200, String(5 * MEGABYTE)])
    assert.deepEqual(await post(7), [413, '{"message":"Request Too Long"}'])
    assert.deepEqual(await post(11), [413, '{"message":"Request Too Long"}'])
  },
  'headers beyond 10,240 bytes are refused': async (cloud) => {
    const host = await behind(cloud, `async () => ({ statusCode: 200, body: '' })`)
    const answer = await ask(cloud, host, '/dev/call', { headers: { 'x-long': 'a'.repeat(10_240) } })
    assert.equal(answer.status, 431)
  },
}
