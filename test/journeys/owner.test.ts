// Whose is it: what stands under our names without our marks is refused before the first write, a state that is older than
// the cloud takes nothing apart, and a role that was made again takes its functions with it.
import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { DeleteRoleCommand, DeleteRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam'
import {
  CreateTrafficPolicyCommand,
  DeleteTrafficPolicyCommand,
  Route53Client,
} from '@aws-sdk/client-route-53'
import type { DownResult, StatusResult, UpResult } from '../../src/commands/result.js'
import { Project } from './project.js'

let project: Project
let options: {
  endpoint: string
  region: string
  credentials: { accessKeyId: string; secretAccessKey: string }
}

before(async () => {
  project = new Project()
  assert.equal((await project.run('local', 'start', '--profile', 'instant')).code, 0)
  const environment = await project.environment()
  options = {
    endpoint: environment.AWS_ENDPOINT_URL!,
    region: 'us-east-1',
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID!,
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY!,
    },
  }
})
after(() => project.remove())

test('a foreign traffic policy of our name is refused before anything is made', async () => {
  const route53 = new Route53Client(options)
  const Document = JSON.stringify({
    AWSPolicyFormatVersion: '2015-10-01',
    RecordType: 'A',
    StartEndpoint: 'one',
    Endpoints: { one: { Type: 'value', Value: '192.0.2.1' } },
  })
  const made = await route53.send(new CreateTrafficPolicyCommand({ Name: 'multiregion-dev', Document }))
  const { code, stderr, stdout } = await project.run('up', '--local', '--yes', '--json')
  assert.equal(code, 1, stderr)
  assert.match(stderr, /traffic-policy\/eu-west-1: .* does not carry the owner marks/)
  assert.equal(JSON.parse(stdout).error.address, 'traffic-policy/eu-west-1')
  assert.doesNotMatch(stderr, /creating/)
  const { Id, Version } = made.TrafficPolicy!
  await route53.send(new DeleteTrafficPolicyCommand({ Id, Version }))
})

test('a role that was made again takes its function with it', async () => {
  await project.json<UpResult>('up', '--local', '--yes')
  const iam = new IAMClient(options)
  const RoleName = 'multiregion-dev-getItem-us-east-1'
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'multiregion' }))
  await iam.send(new DeleteRoleCommand({ RoleName }))
  const up = await project.json<UpResult>('up', '--local', '--yes')
  assert.deepEqual([...up.created].sort(), [
    'function/us-east-1/getItem',
    'invoke-permission/us-east-1/getItem',
    'role/us-east-1/getItem',
  ])
  assert.equal(up.proof?.ok, true)
})

test('down with a state that is older than the cloud removes nothing', async () => {
  const file = `${project.folder}/.multiregion/local/multiregion-dev.json`
  copyFileSync(file, `${file}.old`)
  await project.json<DownResult>('down', '--local', '--yes')
  await project.json<UpResult>('up', '--local', '--yes')
  copyFileSync(file, `${file}.new`)
  copyFileSync(`${file}.old`, file)
  const { code, stderr } = await project.run('down', '--local', '--yes')
  assert.equal(code, 3, stderr)
  assert.match(stderr, /does not carry the owner marks/)
  copyFileSync(`${file}.new`, file)
  const status = await project.json<StatusResult>('status', '--local')
  assert.deepEqual(
    status.resources.filter(({ state, reason }) => state !== 'ready' || reason),
    [],
  )
  assert.deepEqual(
    Object.values(status.regions).map(({ serving }) => serving),
    [true, true],
  )
})
