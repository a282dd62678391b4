// kill -9 of every verb at a few of its mutating calls: the rerun finishes, and the cloud (not the state) is listed for
// duplicates and leftovers; `npm run crash` does it at all of them. And two runs at once: the second is refused.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { UpResult } from '../../src/commands/result.js'
import { CrashLife } from '../crash/crash-life.js'
import { type CrashCase, casesOf, inRounds, VERBS, type Verb, woven } from '../crash/crash-point.js'
import { censusOf, WHOLE } from './census.js'

const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000)

/** Calls of each kind of resource, whichever regions it stands in. */
const POINTS: Readonly<Record<Verb, readonly string[]>> = {
  up: [
    'acm:RequestCertificate@eu-west-1#1',
    'apigateway:POST restapis/*/deployments@us-east-1#1',
    'apigateway:POST restapis@eu-west-1#1',
    'dynamodb:CreateTable@eu-west-1#1',
    'dynamodb:UpdateTable@eu-west-1#1',
    'iam:CreateRole@us-east-1#4',
    'lambda:POST */functions@us-east-1#2',
    'route53:POST */healthcheck@us-east-1#2',
    'route53:POST */trafficpolicy@us-east-1#1',
    'route53:POST */trafficpolicyinstance@us-east-1#1',
  ],
  failover: ['lambda:PUT */functions/*/configuration@eu-west-1#1'],
  failback: ['lambda:PUT */functions/*/configuration@eu-west-1#1'],
  down: [
    'acm:DeleteCertificate@us-east-1#1',
    'apigateway:DELETE restapis/*@us-east-1#1',
    'dynamodb:DeleteTable@eu-west-1#1',
    'dynamodb:UpdateTable@eu-west-1#2',
    'iam:DeleteRole@us-east-1#6',
    'lambda:DELETE */functions/*@eu-west-1#1',
    'route53:DELETE */healthcheck/*@us-east-1#1',
    'route53:DELETE */trafficpolicy/*/*@us-east-1#1',
  ],
}
const SAMPLE: Readonly<Record<Verb, number>> = { up: 1, failover: 1, failback: 1, down: 1 }
/** Its item must not stay. */
const PROOF: CrashCase = {
  ...{ regions: 2, verb: 'up', instant: 'unsent' },
  point: 'dynamodb:DeleteItem@eu-west-1#1',
}

let life: CrashLife
before(async () => {
  life = await CrashLife.start(2)
})
after(() => life.end())

test(`kill -9 at some calls, CRASH_SEED=${SEED}: the rerun finishes, no duplicate, no leftover`, async (t) => {
  const all = casesOf(2, POINTS)
  const sample = VERBS.flatMap((verb, at) => {
    const ofVerb = all.filter((one) => one.verb === verb)
    return inRounds(ofVerb, SEED + at).slice(0, SAMPLE[verb])
  })
  for (const one of woven([PROOF, ...sample]))
    await t.test(`${one.verb}, ${one.point}, ${one.instant}`, async () => {
      assert.ok(await life.crash(one), 'it was over before')
    })
})

test('two at once: the second exits 4 and names the first; Ctrl-C saves and exits 130', async () => {
  const { project } = life
  await life.bring('nothing')
  const first = project.start('up', '--local', '--yes', '--no-proof')
  await new Promise<void>((resolve) =>
    first.stderr?.on('data', (chunk) => /creating/.test(String(chunk)) && resolve()),
  )
  // It stands still until the other has looked.
  first.kill('SIGSTOP')
  const second = await project.run('up', '--local', '--yes')
  assert.equal(second.code, 4, second.stderr)
  assert.match(second.stderr, new RegExp(`pid ${first.pid}\\) running "multiregion up --local"`))
  const ended = new Promise<number | null>((resolve) => first.on('close', (code) => resolve(code)))
  first.kill('SIGINT')
  first.kill('SIGCONT')
  assert.equal(await ended, 130)
  await project.json<UpResult>('up', '--local', '--yes', '--no-proof')
  assert.deepEqual(await (await censusOf(project))(), WHOLE)
})
