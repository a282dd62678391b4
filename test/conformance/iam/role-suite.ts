// IAM: roles themselves. Their tags are tag-suite.ts's, their policies policy-suite.ts's.
import assert from 'node:assert/strict'
import { type CreateRoleRequest, IAM } from '@aws-sdk/client-iam'
import { ACCOUNT, type TestCloud } from '../cloud.js'
import { refused, untilMet } from '../run.js'
import type { Case, ServiceSuite } from '../suite.js'

export const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
}
export const TRUST_TEXT = JSON.stringify(TRUST)
export const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess'

export const iamOf = (cloud: TestCloud) => cloud.client(IAM)
export const roleArn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`

export async function created(cloud: TestCloud, RoleName: string, more: Partial<CreateRoleRequest> = {}) {
  const iam = iamOf(cloud)
  await iam.createRole({ RoleName, AssumeRolePolicyDocument: TRUST_TEXT, ...more })
  return iam
}

/** A case of a call that names a role which is absent. */
export const noRole =
  (call: (iam: IAM, RoleName: string) => Promise<unknown>): Case =>
  (cloud) =>
    refused(
      call(iamOf(cloud), 'absent'),
      'NoSuchEntityException',
      'The role with name absent cannot be found.',
    )

/** A case of two changes of one role at once. */
export const oneRefused =
  (call: (iam: IAM, RoleName: string) => Promise<unknown>): Case =>
  async (cloud) => {
    const iam = await created(cloud, 'raced')
    await untilMet('ConcurrentModificationException', async () => [call(iam, 'raced'), call(iam, 'raced')])
  }

/** A case of a change of a role that belongs to a service. */
export const protectedRole =
  (call: (iam: IAM, RoleName: string) => Promise<unknown>): Case =>
  async (cloud) => {
    const iam = iamOf(cloud)
    const RoleName = 'AWSServiceRoleForAPIGateway'
    const AWSServiceName = 'ops.apigateway.amazonaws.com'
    await iam.getRole({ RoleName }).catch(() => iam.createServiceLinkedRole({ AWSServiceName }))
    await refused(
      call(iam, RoleName),
      'UnmodifiableEntityException',
      `Cannot perform the operation on the protected role '${RoleName}' - this role is only modifiable by AWS`,
    )
  }

const malformed = (document: object | string, message: string): Case => {
  const AssumeRolePolicyDocument = typeof document === 'string' ? document : JSON.stringify(document)
  return (cloud) =>
    refused(
      iamOf(cloud).createRole({ RoleName: 'malformed', AssumeRolePolicyDocument }),
      'MalformedPolicyDocumentException',
      message,
    )
}
const trusting = (more: object) => ({ ...TRUST, Statement: [{ ...TRUST.Statement[0], ...more }] })

const decoded = (document: string | undefined) => JSON.parse(decodeURIComponent(document!))

export const roleOperations: ServiceSuite['operations'] = {
  CreateRole: {
    happy: {
      'the answer has the role with its ARN, its id and its document URL-encoded': async (cloud) => {
        const { Role } = await iamOf(cloud).createRole({
          RoleName: 'made',
          Path: '/team/',
          AssumeRolePolicyDocument: TRUST_TEXT,
          Tags: [{ Key: 'a', Value: 'b' }],
        })
        assert.equal(Role!.Arn, `arn:aws:iam::${ACCOUNT}:role/team/made`)
        assert.match(Role!.RoleId!, /^AROA[A-Z2-7]{17}$/)
        assert.ok(!/[{"' ]/.test(Role!.AssumeRolePolicyDocument!))
        assert.deepEqual(decoded(Role!.AssumeRolePolicyDocument), TRUST)
        assert.deepEqual(Role!.Tags, [{ Key: 'a', Value: 'b' }])
        assert.deepEqual([Role!.MaxSessionDuration, Role!.RoleLastUsed], [undefined, undefined])
      },
      'it can be read at once; the rest of AWS knows it seconds later': async (cloud) => {
        const iam = await created(cloud, 'fresh')
        assert.equal((await iam.getRole({ RoleName: 'fresh' })).Role!.RoleName, 'fresh')
      },
    },
    validation: {
      'a document that is no JSON is malformed': malformed('{', 'This policy contains invalid Json'),
      'a trust policy names a principal': malformed(
        trusting({ Principal: undefined }),
        'Missing required field Principal',
      ),
      'it names no resource': malformed(trusting({ Resource: '*' }), 'Has prohibited field Resource'),
      'it allows assuming roles only': malformed(
        trusting({ Action: 's3:GetObject' }),
        'AssumeRole policy may only specify STS AssumeRole actions.',
      ),
      'a service that does not exist is no principal': malformed(
        trusting({ Principal: { Service: 'nobody' } }),
        'Invalid principal in policy: "SERVICE":"nobody"',
      ),
      'tag keys that differ only in case are duplicates': async (cloud) => {
        const Tags = ['a', 'A'].map((Key) => ({ Key, Value: '' }))
        await refused(
          created(cloud, 'doubled', { Tags }),
          'InvalidInputException',
          'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
        )
      },
    },
    state: {
      'a name that is taken is refused, whatever its case and path': async (cloud) => {
        await created(cloud, 'taken')
        await refused(
          created(cloud, 'TAKEN', { Path: '/other/' }),
          'EntityAlreadyExistsException',
          'Role with name TAKEN already exists.',
        )
      },
      'a trust policy has at most 2,048 characters besides white space': async (cloud) => {
        const Principal = { AWS: Array.from({ length: 60 }, (_, index) => roleArn(`someone-${index}`)) }
        await refused(
          iamOf(cloud).createRole({
            RoleName: 'long',
            AssumeRolePolicyDocument: JSON.stringify(trusting({ Principal })),
          }),
          'LimitExceededException',
          'Cannot exceed quota for ACLSizePerRole: 2048',
        )
      },
      'a boundary must exist': async (cloud) => {
        const PermissionsBoundary = `arn:aws:iam::${ACCOUNT}:policy/absent`
        await refused(
          created(cloud, 'unbounded', { PermissionsBoundary }),
          'NoSuchEntityException',
          `Scope ARN: ${PermissionsBoundary} does not exist or is not attachable.`,
        )
      },
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const args = ['iam', 'create-role', '--role-name', 'cli', '--assume-role-policy-document', TRUST_TEXT]
      const { Role } = (await aws.run([...args, '--tags', 'Key=a,Value=1'])) as { Role: { Arn: string } }
      assert.equal(Role.Arn, roleArn('cli'))
      await assert.rejects(aws.run(args), /\(EntityAlreadyExists\)/)
    },
  },

  GetRole: {
    happy: {
      'it has tags, boundary and last use; the name goes by any case': async (cloud) => {
        const Tags = [{ Key: 'a', Value: 'b' }]
        const iam = await created(cloud, 'read', { Tags, PermissionsBoundary: ADMINISTRATOR })
        const { Role } = await iam.getRole({ RoleName: 'READ' })
        assert.deepEqual(
          [Role!.RoleName, Role!.Tags, Role!.RoleLastUsed, Role!.MaxSessionDuration],
          ['read', Tags, {}, 3600],
        )
        assert.deepEqual(Role!.PermissionsBoundary, {
          PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
          PermissionsBoundaryArn: ADMINISTRATOR,
        })
      },
    },
    state: { 'an absent role is not found': noRole((iam, RoleName) => iam.getRole({ RoleName })) },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const { Role } = (await aws.run(['iam', 'get-role', '--role-name', 'cli'])) as {
        Role: { AssumeRolePolicyDocument: object }
      }
      assert.deepEqual(Role.AssumeRolePolicyDocument, TRUST)
    },
  },

  ListRoles: {
    happy: {
      'roles below a path come by name, without tags, boundary and last use': async (cloud) => {
        const Tags = [{ Key: 'a', Value: 'b' }]
        for (const name of ['b', 'a']) await created(cloud, name, { Path: '/t/', Tags })
        const { Roles, IsTruncated } = await iamOf(cloud).listRoles({ PathPrefix: '/t/' })
        assert.deepEqual(
          Roles!.map(({ RoleName, Tags, PermissionsBoundary, RoleLastUsed }) => [
            RoleName,
            Tags,
            PermissionsBoundary,
            RoleLastUsed,
          ]),
          [
            ['a', undefined, undefined, undefined],
            ['b', undefined, undefined, undefined],
          ],
        )
        assert.equal(IsTruncated, false)
      },
    },
    validation: {
      'a marker that is none is refused': async (cloud) => {
        await refused(iamOf(cloud).listRoles({ Marker: 'none!' }), 'ValidationError')
      },
    },
    state: 'what is not there is not listed',
    pagination: {
      'MaxItems, IsTruncated and Marker page through all roles once': async (cloud) => {
        for (const name of ['p3', 'p1', 'p2']) await created(cloud, name, { Path: '/p/' })
        const names: string[] = []
        let Marker: string | undefined
        do {
          const page = await iamOf(cloud).listRoles({ PathPrefix: '/p/', MaxItems: 2, Marker })
          names.push(...page.Roles!.map(({ RoleName }) => RoleName!))
          assert.equal(page.IsTruncated, page.Marker !== undefined)
          Marker = page.Marker
        } while (Marker)
        assert.deepEqual(names, ['p1', 'p2', 'p3'])
      },
    },
    cli: async (_cloud, aws) => {
      const { Roles } = (await aws.run(['iam', 'list-roles', '--page-size', '1'])) as {
        Roles: { RoleName: string }[]
      }
      assert.ok(Roles.some(({ RoleName }) => RoleName === 'cli'))
    },
  },

  UpdateRole: {
    happy: {
      'description and session length change, and what is not named stays': async (cloud) => {
        const iam = await created(cloud, 'updated', { Description: 'first' })
        await iam.updateRole({ RoleName: 'updated', MaxSessionDuration: 7200 })
        const { Role } = await iam.getRole({ RoleName: 'updated' })
        assert.deepEqual([Role!.Description, Role!.MaxSessionDuration], ['first', 7200])
      },
    },
    state: {
      'an absent role is not found': noRole((iam, RoleName) => iam.updateRole({ RoleName })),
      'a service’s role is protected': protectedRole((iam, RoleName) => iam.updateRole({ RoleName })),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      await aws.run(['iam', 'update-role', '--role-name', 'cli', '--description', 'by aws'])
    },
  },

  UpdateAssumeRolePolicy: {
    happy: {
      'the new document can be read at once': async (cloud) => {
        const iam = await created(cloud, 'retrusted')
        const other = trusting({ Principal: { Service: 'ec2.amazonaws.com' } })
        await iam.updateAssumeRolePolicy({ RoleName: 'retrusted', PolicyDocument: JSON.stringify(other) })
        const { Role } = await iam.getRole({ RoleName: 'retrusted' })
        assert.deepEqual(decoded(Role!.AssumeRolePolicyDocument), other)
      },
    },
    validation: {
      'a malformed document is refused, and the old one stays': async (cloud) => {
        const iam = await created(cloud, 'trusted')
        await refused(
          iam.updateAssumeRolePolicy({ RoleName: 'trusted', PolicyDocument: '{"Version":"2012-10-17"}' }),
          'MalformedPolicyDocumentException',
        )
        const { Role } = await iam.getRole({ RoleName: 'trusted' })
        assert.deepEqual(decoded(Role!.AssumeRolePolicyDocument), TRUST)
      },
    },
    state: {
      'an absent role is not found': noRole((iam, RoleName) =>
        iam.updateAssumeRolePolicy({ RoleName, PolicyDocument: TRUST_TEXT }),
      ),
      'a service’s role is protected': protectedRole((iam, RoleName) =>
        iam.updateAssumeRolePolicy({ RoleName, PolicyDocument: TRUST_TEXT }),
      ),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const args = ['iam', 'update-assume-role-policy', '--role-name', 'cli', '--policy-document']
      await aws.run([...args, TRUST_TEXT])
    },
  },

  CreateServiceLinkedRole: {
    happy: {
      'a service’s role stands below its path, with the service’s own policy': async (cloud) => {
        const iam = iamOf(cloud)
        const AWSServiceName = 'replication.dynamodb.amazonaws.com'
        const { Role } = await iam.createServiceLinkedRole({ AWSServiceName })
        const RoleName = 'AWSServiceRoleForDynamoDBReplication'
        assert.equal(Role!.Arn, `arn:aws:iam::${ACCOUNT}:role/aws-service-role/${AWSServiceName}/${RoleName}`)
        const { AttachedPolicies } = await iam.listAttachedRolePolicies({ RoleName })
        assert.equal(AttachedPolicies![0]!.PolicyName, 'DynamoDBReplicationServiceRolePolicy')
      },
    },
    state: {
      'a service has one, and a second one is refused': async (cloud) => {
        await refused(
          iamOf(cloud).createServiceLinkedRole({ AWSServiceName: 'replication.dynamodb.amazonaws.com' }),
          'InvalidInputException',
          'Service role name AWSServiceRoleForDynamoDBReplication has been taken in this account, please try a different suffix.',
        )
      },
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const args = ['iam', 'create-service-linked-role', '--aws-service-name']
      await aws.run([...args, 'ops.apigateway.amazonaws.com'])
    },
  },

  DeleteRole: {
    happy: {
      'its name is free at once, and a new role of the name is another one': async (cloud) => {
        const iam = await created(cloud, 'again', { PermissionsBoundary: ADMINISTRATOR })
        const before = await iam.getRole({ RoleName: 'again' })
        await iam.deleteRole({ RoleName: 'again' })
        await created(cloud, 'again')
        const after = await iam.getRole({ RoleName: 'again' })
        assert.notEqual(after.Role!.RoleId, before.Role!.RoleId)
      },
    },
    state: {
      'a role with an attached policy or an inline one is not deleted': async (cloud) => {
        const RoleName = 'held'
        const iam = await created(cloud, RoleName)
        const conflict = (what: string) =>
          refused(
            iam.deleteRole({ RoleName }),
            'DeleteConflictException',
            `Cannot delete entity, must ${what} policies first.`,
          )
        const PolicyDocument = JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
        })
        await iam.putRolePolicy({ RoleName, PolicyName: 'p', PolicyDocument })
        await iam.attachRolePolicy({ RoleName, PolicyArn: ADMINISTRATOR })
        await conflict('detach all')
        await iam.detachRolePolicy({ RoleName, PolicyArn: ADMINISTRATOR })
        await conflict('delete')
        await iam.deleteRolePolicy({ RoleName, PolicyName: 'p' })
        await iam.deleteRole({ RoleName })
      },
      'an absent role is not found': noRole((iam, RoleName) => iam.deleteRole({ RoleName })),
      'a service’s role is protected': protectedRole((iam, RoleName) => iam.deleteRole({ RoleName })),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const trust = ['--assume-role-policy-document', TRUST_TEXT]
      await aws.run(['iam', 'create-role', '--role-name', 'cli-gone', ...trust])
      const args = ['iam', 'delete-role', '--role-name', 'cli-gone']
      await aws.run(args)
      await assert.rejects(aws.run(args), /\(NoSuchEntity\).*cannot be found/)
    },
  },
}
