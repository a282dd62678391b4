// Registers a service's conformance suite with the test runner: one cloud for each operation, and one for the `aws` CLI.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type AwsCli, NO_AWS, openAwsCli } from '../aws-cli.js'
import { OPERATOR, startTestCloud, type TestCloud } from './cloud.js'
import type { Cases, OperationSuite, ServiceSuite } from './suite.js'

export function runSuite(suite: ServiceSuite): void {
  describe(`conformance: ${suite.service}`, () => {
    for (const [operation, columns] of Object.entries(suite.operations)) {
      describe(operation, () => runOperation(columns))
    }
    describe('the aws CLI', { skip: NO_AWS }, () => runCli(suite))
    test('every operation that is served has its cases', async () => {
      const { cloud, close } = await startTestCloud('instant')
      const served = cloud.operations()[suite.service]
      await close()
      assert.deepEqual(Object.keys(suite.operations).sort(), served)
    })
  })
}

function runOperation(columns: OperationSuite): void {
  let cloud: TestCloud
  before(async () => {
    cloud = await startTestCloud()
  })
  after(async () => {
    await cloud.close()
    const bugs = cloud.logged.filter((line) => line.startsWith('500 ') || line.includes(' broke: '))
    assert.deepEqual(bugs, [])
  })
  for (const column of ['happy', 'validation', 'state', 'pagination'] as const) {
    const cases = columns[column]
    for (const [sentence, check] of Object.entries(isCases(cases) ? cases : {})) {
      test(`${column}: ${sentence}`, async () => void (await check(cloud)))
    }
  }
}

const isCases = (column: Cases | string | undefined): column is Cases => typeof column === 'object'

function runCli({ operations }: ServiceSuite): void {
  let cloud: TestCloud
  let aws: AwsCli
  before(async () => {
    cloud = await startTestCloud('instant')
    aws = openAwsCli(cloud.url, OPERATOR)
  })
  after(async () => {
    aws.close()
    await cloud.close()
  })
  for (const [operation, { cli }] of Object.entries(operations))
    test(operation, async () => void (await cli(cloud, aws)))
}

/** Asserts that a call is refused with that code, and with that wording where it is known. */
export async function refused(call: Promise<unknown>, code: string, wording?: string | RegExp) {
  const error = await call.then(
    (answer) => assert.fail(`it was answered: ${JSON.stringify(answer)}`),
    (thrown: Error & { $metadata?: { httpStatusCode?: number } }) => thrown,
  )
  assert.equal(error.name, code, error.message)
  if (typeof wording === 'string') assert.equal(error.message, wording)
  else if (wording) assert.match(error.message, wording)
  return error
}

/**
 * Makes calls at once, again until they have met: on a busy machine the first is over before the second begins. `calls`
 * starts those of a round; resolves with the error of the one that was refused by that code.
 */
export async function untilMet(
  code: string,
  calls: (round: number) => Promise<readonly Promise<unknown>[]>,
): Promise<Error> {
  for (let round = 0; round < 100; round += 1) {
    const outcomes = await Promise.allSettled(await calls(round))
    const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    assert.ok(refusals.length < outcomes.length, String(refusals[0]))
    const met = refusals.find(({ name }) => name === code)
    if (met) return met
  }
  return assert.fail('no two calls have met')
}
