// IAM and STS through the front door: real SDK clients, the errors they see, and what other services are told.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import * as iam from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import type { Principal } from '../../../src/local/ports.js'
import { type ManualCloud, startManualCloud } from './manual-cloud.js'

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
})
const TABLE = 'arn:aws:dynamodb:eu-west-1:000000000000:table/items'
const allowing = (Action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: TABLE }] })
const principalOf = (RoleName: string): Principal => ({
  arn: `arn:aws:sts::000000000000:assumed-role/${RoleName}/s1`,
  roleName: RoleName,
})

let cloud: ManualCloud
let client: iam.IAMClient
before(async () => {
  cloud = await startManualCloud()
  client = new iam.IAMClient(cloud.config())
})
after(async () => {
  client.destroy()
  await cloud.close()
})

/** A role that Lambda may assume, some time ago. */
async function settledRole(RoleName: string, more: Partial<iam.CreateRoleRequest> = {}): Promise<iam.Role> {
  const command = new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: TRUST, ...more })
  const { Role } = await client.send(command)
  cloud.world.pass(15)
  return Role!
}

async function put(RoleName: string, PolicyDocument: string, PolicyName = 'own') {
  await client.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }))
}

describe('roles', () => {
  it('come back as they were made, documents URL-encoded', async () => {
    const Tags = [{ Key: 'owner', Value: 'me' }]
    const made = await settledRole('made', { Path: '/team/', Description: 'For tests', Tags })
    const { Role } = await client.send(new iam.GetRoleCommand({ RoleName: 'made' }))
    assert.equal(made.Arn, 'arn:aws:iam::000000000000:role/team/made')
    assert.match(made.RoleId!, /^AROA[A-Z2-7]{17}$/)
    assert.deepEqual(Role, { ...made, MaxSessionDuration: 3600, RoleLastUsed: {} })
    assert.deepEqual(Role?.Tags, Tags)
    assert.ok(Math.abs(Role!.CreateDate!.getTime() - Date.now()) < 60_000)
    assert.ok(Role!.AssumeRolePolicyDocument!.startsWith('%7B%22Version%22'))
    assert.equal(decodeURIComponent(Role!.AssumeRolePolicyDocument!), TRUST)
  })

  it('are listed in pages, without tags', async () => {
    for (const name of ['page-c', 'page-a', 'page-b']) {
      await settledRole(name, { Path: '/pages/', Tags: [{ Key: 'a', Value: 'b' }] })
    }
    const names: string[] = []
    for await (const page of iam.paginateListRoles({ client, pageSize: 2 }, { PathPrefix: '/pages/' })) {
      assert.ok(page.Roles!.length <= 2)
      for (const role of page.Roles!) {
        assert.equal(role.Tags, undefined)
        names.push(role.RoleName!)
      }
    }
    assert.deepEqual(names, ['page-a', 'page-b', 'page-c'])
    await assert.rejects(client.send(new iam.ListRolesCommand({ Marker: 'not ours' })), {
      name: 'ValidationError',
    })
  })

  it('have unique names, whatever their case', async () => {
    await settledRole('Twice')
    const again = new iam.CreateRoleCommand({ RoleName: 'tWICE', AssumeRolePolicyDocument: TRUST })
    await assert.rejects(client.send(again), {
      name: 'EntityAlreadyExistsException',
      message: 'Role with name tWICE already exists.',
    })
  })

  it('are changed, tagged and untagged', async () => {
    await settledRole('changed', {
      Tags: [
        { Key: 'Keep', Value: '1' },
        { Key: 'drop', Value: '2' },
      ],
    })
    const RoleName = 'changed'
    await client.send(new iam.UpdateRoleCommand({ RoleName, Description: 'new', MaxSessionDuration: 7200 }))
    await client.send(new iam.TagRoleCommand({ RoleName, Tags: [{ Key: 'keep', Value: '3' }] }))
    await client.send(new iam.UntagRoleCommand({ RoleName, TagKeys: ['drop'] }))
    const { Tags } = await client.send(new iam.ListRoleTagsCommand({ RoleName }))
    const { Role } = await client.send(new iam.GetRoleCommand({ RoleName }))
    assert.deepEqual(Tags, [{ Key: 'keep', Value: '3' }])
    assert.deepEqual([Role?.Description, Role?.MaxSessionDuration], ['new', 7200])
  })

  it('are deleted only after their policies', async () => {
    const RoleName = 'emptied'
    const PolicyArn = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'
    const remove = () => client.send(new iam.DeleteRoleCommand({ RoleName }))
    await settledRole(RoleName)
    await put(RoleName, allowing('dynamodb:GetItem'))
    await client.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn }))
    const detachFirst = 'Cannot delete entity, must detach all policies first.'
    await assert.rejects(remove(), { name: 'DeleteConflictException', message: detachFirst })
    await client.send(new iam.DetachRolePolicyCommand({ RoleName, PolicyArn }))
    const deleteFirst = 'Cannot delete entity, must delete policies first.'
    await assert.rejects(remove(), { name: 'DeleteConflictException', message: deleteFirst })
    await client.send(new iam.DeleteRolePolicyCommand({ RoleName, PolicyName: 'own' }))
    await remove()
    const message = 'The role with name emptied cannot be found.'
    await assert.rejects(remove(), { name: 'NoSuchEntityException', message })
  })

  it('of a service are only made once, and changed by nobody', async () => {
    const AWSServiceName = 'ops.apigateway.amazonaws.com'
    const make = () => client.send(new iam.CreateServiceLinkedRoleCommand({ AWSServiceName }))
    const { Role } = await make()
    assert.equal(Role?.Path, `/aws-service-role/${AWSServiceName}/`)
    await assert.rejects(make(), { name: 'InvalidInputException', message: /has been taken in this account/ })
    const remove = new iam.DeleteRoleCommand({ RoleName: Role!.RoleName })
    await assert.rejects(client.send(remove), { name: 'UnmodifiableEntityException' })
  })

  const trust = (Statement: unknown) => JSON.stringify({ Version: '2012-10-17', Statement })
  const lambda = { Service: 'lambda.amazonaws.com' }
  const refusals: [what: string, input: Partial<iam.CreateRoleRequest>, name: string, message: RegExp][] = [
    [
      'a name with a space',
      { RoleName: 'a b' },
      'ValidationError',
      /specified value for roleName is invalid/,
    ],
    [
      'a long name',
      { RoleName: 'a'.repeat(65) },
      'ValidationError',
      /'roleName' .*less than or equal to 64$/,
    ],
    ['no name', { RoleName: undefined as never }, 'ValidationError', /Value null at 'roleName'/],
    ['a relative path', { Path: 'team' }, 'ValidationError', /must begin and end with \//],
    ['a short session', { MaxSessionDuration: 60 }, 'ValidationError', /greater than or equal to 3600/],
    ['an open tag', { Tags: [{ Key: 'aws:x', Value: '1' }] }, 'InvalidInputException', /system tags/],
    [
      'equal tags',
      {
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'A', Value: '2' },
        ],
      },
      'InvalidInputException',
      /Duplicate tag keys/,
    ],
    [
      '51 tags',
      { Tags: Array.from({ length: 51 }, (_, at) => ({ Key: `k${at}`, Value: '' })) },
      'ValidationError',
      /'tags' .*less than or equal to 50$/,
    ],
    ['broken JSON', { AssumeRolePolicyDocument: '{' }, 'MalformedPolicyDocumentException', /invalid Json/],
    [
      'a resource in the trust',
      {
        AssumeRolePolicyDocument: trust({
          Effect: 'Allow',
          Principal: lambda,
          Action: 'sts:AssumeRole',
          Resource: '*',
        }),
      },
      'MalformedPolicyDocumentException',
      /Has prohibited field Resource/,
    ],
    [
      'no principal',
      { AssumeRolePolicyDocument: trust({ Effect: 'Allow', Action: 'sts:AssumeRole' }) },
      'MalformedPolicyDocumentException',
      /Missing required field Principal/,
    ],
    [
      'another action',
      { AssumeRolePolicyDocument: trust({ Effect: 'Allow', Principal: lambda, Action: 's3:GetObject' }) },
      'MalformedPolicyDocumentException',
      /may only specify STS AssumeRole actions/,
    ],
    [
      'an unknown principal',
      {
        AssumeRolePolicyDocument: trust({
          Effect: 'Allow',
          Principal: { Service: 'lambda' },
          Action: 'sts:AssumeRole',
        }),
      },
      'MalformedPolicyDocumentException',
      /Invalid principal in policy: "SERVICE":"lambda"/,
    ],
    [
      'a huge trust',
      {
        AssumeRolePolicyDocument: trust(
          Array(30).fill({ Effect: 'Allow', Principal: lambda, Action: 'sts:AssumeRole' }),
        ),
      },
      'LimitExceededException',
      /ACLSizePerRole: 2048/,
    ],
    [
      'an unknown boundary',
      { PermissionsBoundary: 'arn:aws:iam::000000000000:policy/mine' },
      'NoSuchEntityException',
      /^Scope ARN: .* does not exist or is not attachable\.$/,
    ],
  ]
  for (const [what, input, name, message] of refusals) {
    it(`are refused with ${what}`, async () => {
      const RoleName = 'refused'
      const command = new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: TRUST, ...input })
      await assert.rejects(client.send(command), { name, message })
      await assert.rejects(client.send(new iam.GetRoleCommand({ RoleName })), {
        name: 'NoSuchEntityException',
      })
    })
  }
})

describe('policies of a role', () => {
  it('come back URL-encoded, by name', async () => {
    await settledRole('read-back')
    const document = allowing('dynamodb:GetItem')
    await put('read-back', document)
    const read = new iam.GetRolePolicyCommand({ RoleName: 'read-back', PolicyName: 'own' })
    assert.equal(decodeURIComponent((await client.send(read)).PolicyDocument!), document)
    const list = await client.send(new iam.ListRolePoliciesCommand({ RoleName: 'read-back' }))
    assert.deepEqual(list.PolicyNames, ['own'])
    const missing = new iam.GetRolePolicyCommand({ RoleName: 'read-back', PolicyName: 'other' })
    const message = 'The role policy with name other cannot be found.'
    await assert.rejects(client.send(missing), { name: 'NoSuchEntityException', message })
  })

  it('are refused when malformed, too large, or of an unknown kind', async () => {
    const RoleName = 'picky'
    await settledRole(RoleName)
    await assert.rejects(put(RoleName, '{}'), { name: 'MalformedPolicyDocumentException' })
    const huge = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'a:b', Resource: `arn:aws:s3:::${'x'.repeat(10_240)}` }],
    })
    await assert.rejects(put(RoleName, huge), {
      name: 'LimitExceededException',
      message: 'Maximum policy size of 10240 bytes exceeded for role picky',
    })
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonS3FullAccess'
    await assert.rejects(client.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn })), {
      name: 'NoSuchEntityException',
      message: `Policy ${PolicyArn} does not exist or is not attachable.`,
    })
  })

  it('take effect some seconds after they are put, changed and deleted', async () => {
    const RoleName = 'slow'
    const may = (action: string) => cloud.iam.decide(principalOf(RoleName), action, TABLE).allowed
    await settledRole(RoleName)
    await put(RoleName, allowing('dynamodb:GetItem'))
    assert.equal(may('dynamodb:GetItem'), false)
    cloud.world.pass(8)
    assert.equal(may('dynamodb:GetItem'), true)
    await put(RoleName, allowing('dynamodb:PutItem'))
    assert.deepEqual([may('dynamodb:GetItem'), may('dynamodb:PutItem')], [true, false])
    cloud.world.pass(8)
    assert.deepEqual([may('dynamodb:GetItem'), may('dynamodb:PutItem')], [false, true])
    await client.send(new iam.DeleteRolePolicyCommand({ RoleName, PolicyName: 'own' }))
    assert.equal(may('dynamodb:PutItem'), true)
    cloud.world.pass(8)
    assert.equal(may('dynamodb:PutItem'), false)
  })

  it('are limited by a boundary, and widened by managed policies', async () => {
    const RoleName = 'bounded'
    await settledRole(RoleName)
    const attach = { RoleName, PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }
    await client.send(new iam.AttachRolePolicyCommand(attach))
    const PermissionsBoundary = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'
    await client.send(new iam.PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }))
    cloud.world.pass(8)
    assert.equal(cloud.iam.decide(principalOf(RoleName), 'logs:PutLogEvents', '*').allowed, true)
    const denied = cloud.iam.decide(principalOf(RoleName), 'dynamodb:GetItem', TABLE)
    assert.ok(!denied.allowed && /because no permissions boundary allows/.test(denied.message))
    await client.send(new iam.DeleteRolePermissionsBoundaryCommand({ RoleName }))
    cloud.world.pass(8)
    assert.equal(cloud.iam.decide(principalOf(RoleName), 'dynamodb:GetItem', TABLE).allowed, true)
    const attached = await client.send(new iam.ListAttachedRolePoliciesCommand({ RoleName }))
    assert.deepEqual(attached.AttachedPolicies, [
      { PolicyName: 'AdministratorAccess', PolicyArn: attach.PolicyArn },
    ])
  })
})

describe('what others ask IAM', () => {
  it('lets Lambda assume a role after a while, if it is trusted', async () => {
    const { Role } = await client.send(
      new iam.CreateRoleCommand({ RoleName: 'fresh', AssumeRolePolicyDocument: TRUST }),
    )
    assert.equal(cloud.iam.lambdaRole(Role!.Arn!), 'not-yet')
    cloud.world.pass(15)
    assert.equal(cloud.iam.lambdaRole(Role!.Arn!), 'assumable')
    const others = TRUST.replace('lambda', 'ec2')
    await client.send(new iam.UpdateAssumeRolePolicyCommand({ RoleName: 'fresh', PolicyDocument: others }))
    cloud.world.pass(8)
    assert.equal(cloud.iam.lambdaRole(Role!.Arn!), 'not-yet')
    assert.equal(cloud.iam.lambdaRole('arn:aws:iam::000000000000:role/none'), 'absent')
    assert.equal(cloud.iam.lambdaRole('arn:aws:iam::000000000000:role/other-path/fresh'), 'absent')
  })

  it('gives sessions that do what the role may, until the role is gone', async () => {
    const RoleName = 'session'
    const { Arn, RoleId } = await settledRole(RoleName, { Path: '/team/' })
    const credentials = cloud.iam.session(Arn!, 'function-1')
    const sts = new STSClient({ ...cloud.config(), credentials })
    const own = new iam.IAMClient({ ...cloud.config(), credentials })
    assert.deepEqual(
      await sts.send(new GetCallerIdentityCommand({})).then(({ $metadata: _, ...identity }) => identity),
      {
        Account: '000000000000',
        Arn: 'arn:aws:sts::000000000000:assumed-role/session/function-1',
        UserId: `${RoleId}:function-1`,
      },
    )
    await assert.rejects(own.send(new iam.GetRoleCommand({ RoleName })), {
      name: 'AccessDenied',
      message:
        'User: arn:aws:sts::000000000000:assumed-role/session/function-1 is not authorized to perform: iam:GetRole ' +
        `on resource: ${Arn} because no identity-based policy allows the iam:GetRole action`,
    })
    await client.send(new iam.DeleteRoleCommand({ RoleName }))
    await settledRole(RoleName, { Path: '/team/' })
    assert.equal(cloud.iam.credentialsOf(credentials.accessKeyId), undefined)
    await assert.rejects(sts.send(new GetCallerIdentityCommand({})), { name: /InvalidClientTokenId/ })
    sts.destroy()
    own.destroy()
  })

  it('knows the operator, who may do everything', async () => {
    const sts = new STSClient(cloud.config())
    const { Arn, UserId } = await sts.send(new GetCallerIdentityCommand({}))
    assert.equal(Arn, 'arn:aws:iam::000000000000:user/operator')
    assert.match(UserId!, /^AIDA[A-Z2-7]{17}$/)
    assert.equal(cloud.iam.decide({ arn: Arn! }, 'dynamodb:DeleteTable', TABLE).allowed, true)
    sts.destroy()
  })
})
