// Unpacked code lies among the system's temporary files, and they may be cleared away under a cloud that runs.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { CreateFunctionCommand, InvokeCommand } from '@aws-sdk/client-lambda'
import { CodeStore } from '../../../src/local/lambda/code-store.js'
import { functionInput, startFunctionCloud, zipOf } from './function-cloud.js'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'code-store-'))
})
after(() => rm(folder, { recursive: true, force: true }))

describe('unpacked code', () => {
  test('is unpacked once, and again where any of it is gone', async () => {
    const store = new CodeStore(folder)
    const { codeSha256 } = await store.keep(zipOf({ 'index.mjs': 'abc', 'lib/more.mjs': 'def' }))
    const root = await store.unpack(codeSha256)
    assert.equal(await store.unpack(codeSha256), root)
    let last = root
    const losses = [
      () => rmSync(join(last, 'lib'), { recursive: true }),
      () => truncateSync(join(last, 'index.mjs')),
      () => rmSync(last, { recursive: true }),
      () => rmSync(dirname(last), { recursive: true }),
    ]
    for (const lose of losses) {
      lose()
      const [one, other] = await Promise.all([store.unpack(codeSha256), store.unpack(codeSha256)])
      assert.equal(one, other)
      assert.equal(readFileSync(join(one, 'lib/more.mjs'), 'utf8'), 'def')
      assert.equal(readFileSync(join(one, 'index.mjs'), 'utf8'), 'abc')
      assert.equal(statSync(dirname(one)).mode & 0o777, 0o700)
      last = one
    }
    store.close()
    assert.ok(!existsSync(dirname(last)))
  })

  test('when it is gone, a function runs on: cold, or in a process that is running', {
    timeout: 30_000,
  }, async () => {
    const cloud = await startFunctionCloud()
    const code = `export const handler = async () => {
      const { more } = await import('./more.mjs?' + Math.random())
      return [more, process.env.LAMBDA_TASK_ROOT] }`
    const ZipFile = zipOf({ 'index.mjs': code, 'more.mjs': 'export const more = 7' })
    await cloud.lambda.send(new CreateFunctionCommand(functionInput('f', '', { Code: { ZipFile } })))
    const invoke = async () => {
      const { Payload } = await cloud.lambda.send(new InvokeCommand({ FunctionName: 'f' }))
      return JSON.parse(Payload!.transformToString()) as [number, string]
    }
    const [more, root] = await invoke()
    assert.equal(more, 7)
    rmSync(dirname(root), { recursive: true })
    const [again, otherRoot] = await invoke()
    assert.equal(again, 7)
    assert.notEqual(otherRoot, root)
    await cloud.close()
    assert.ok(!existsSync(dirname(otherRoot)))
  })
})
