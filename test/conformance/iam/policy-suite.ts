// IAM: the policies of roles, inline, attached, and as a boundary.
import assert from 'node:assert/strict'
import type { IAM } from '@aws-sdk/client-iam'
import { ACCOUNT } from '../cloud.js'
import { refused } from '../run.js'
import type { Case, ServiceSuite } from '../suite.js'
import { ADMINISTRATOR, created, iamOf, noRole, oneRefused, protectedRole, roleArn } from './role-suite.js'

const BASIC = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'
const ABSENT_POLICY = `arn:aws:iam::${ACCOUNT}:policy/absent`

const allowing = (Action: string | string[], more: object = {}) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*', ...more }],
})
const DOCUMENT = JSON.stringify(allowing('dynamodb:GetItem'))

const put = (iam: IAM, RoleName: string, PolicyDocument = DOCUMENT, PolicyName = 'p') =>
  iam.putRolePolicy({ RoleName, PolicyName, PolicyDocument })

const malformed =
  (document: object | string, message: string): Case =>
  async (cloud) => {
    const RoleName = 'malformed'
    await created(cloud, RoleName).catch(() => {})
    const text = typeof document === 'string' ? document : JSON.stringify(document)
    await refused(put(iamOf(cloud), RoleName, text), 'MalformedPolicyDocumentException', message)
  }

/** A case of a call that names a policy which a role does not have. */
const noPolicy =
  (call: (iam: IAM, RoleName: string) => Promise<unknown>, message: string): Case =>
  async (cloud) => {
    const iam = await created(cloud, 'bare')
    await refused(call(iam, 'bare'), 'NoSuchEntityException', message)
  }
const NO_INLINE = 'The role policy with name none cannot be found.'

export const policyOperations: ServiceSuite['operations'] = {
  PutRolePolicy: {
    happy: {
      'a policy is replaced by its name': async (cloud) => {
        const iam = await created(cloud, 'twice')
        await put(iam, 'twice')
        const second = allowing('dynamodb:PutItem')
        await put(iam, 'twice', JSON.stringify(second))
        const { PolicyDocument } = await iam.getRolePolicy({ RoleName: 'twice', PolicyName: 'p' })
        assert.deepEqual(JSON.parse(decodeURIComponent(PolicyDocument!)), second)
      },
    },
    validation: {
      'a document that is no JSON is malformed': malformed('{', 'Syntax errors in policy.'),
      'it needs the version of 2012': malformed(
        { ...allowing('*'), Version: '2008-10-17' },
        'Policy document must be version 2012-10-17 or greater.',
      ),
      'it names no principal': malformed(
        allowing('*', { Principal: '*' }),
        'Policy document should not specify a principal.',
      ),
      'it names resources': malformed(
        allowing('*', { Resource: undefined }),
        'Policy statement must contain resources.',
      ),
      'a resource is an ARN or *': malformed(
        allowing('*', { Resource: 'table' }),
        'Resource table must be in ARN format or "*".',
      ),
      'an action has its service before it': malformed(
        allowing('GetItem'),
        'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
      ),
    },
    state: {
      'all inline policies of a role have at most 10,240 characters besides white space': async (cloud) => {
        const iam = await created(cloud, 'full')
        const action = (length: number) => `dynamodb:${'a'.repeat(length)}`
        await put(iam, 'full', JSON.stringify(allowing(action(9000)), undefined, 8), 'a')
        await refused(
          put(iam, 'full', JSON.stringify(allowing(action(1200))), 'b'),
          'LimitExceededException',
          'Maximum policy size of 10240 bytes exceeded for role full',
        )
      },
      'of two changes of one role at once the later one is refused': oneRefused((iam, name) =>
        put(iam, name),
      ),
      'an absent role is not found': noRole((iam, name) => put(iam, name)),
      'a service’s role is protected': protectedRole((iam, name) => put(iam, name)),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const args = ['iam', 'put-role-policy', '--role-name', 'cli', '--policy-name', 'p', '--policy-document']
      await aws.run([...args, DOCUMENT])
      await assert.rejects(aws.run([...args, '{']), /\(MalformedPolicyDocument\)/)
    },
  },

  GetRolePolicy: {
    happy: {
      'the document comes URL-encoded, as it was put': async (cloud) => {
        const iam = await created(cloud, 'read')
        const spaced = JSON.stringify(allowing('dynamodb:GetItem'), undefined, 2)
        await put(iam, 'read', spaced)
        const answer = await iam.getRolePolicy({ RoleName: 'read', PolicyName: 'p' })
        assert.ok(!/[{" \n]/.test(answer.PolicyDocument!))
        assert.equal(decodeURIComponent(answer.PolicyDocument!), spaced)
        assert.deepEqual([answer.RoleName, answer.PolicyName], ['read', 'p'])
      },
    },
    state: {
      'an absent policy is not found': noPolicy(
        (iam, RoleName) => iam.getRolePolicy({ RoleName, PolicyName: 'none' }),
        NO_INLINE,
      ),
      'an absent role is not found': noRole((iam, RoleName) =>
        iam.getRolePolicy({ RoleName, PolicyName: 'p' }),
      ),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const args = ['iam', 'get-role-policy', '--role-name', 'cli', '--policy-name', 'p']
      const { PolicyDocument } = (await aws.run(args)) as { PolicyDocument: object }
      assert.deepEqual(PolicyDocument, JSON.parse(DOCUMENT))
    },
  },

  ListRolePolicies: {
    happy: {
      'names of inline policies come, and those only': async (cloud) => {
        const iam = await created(cloud, 'listed')
        await put(iam, 'listed')
        await iam.attachRolePolicy({ RoleName: 'listed', PolicyArn: BASIC })
        const { PolicyNames, IsTruncated } = await iam.listRolePolicies({ RoleName: 'listed' })
        assert.deepEqual([PolicyNames, IsTruncated], [['p'], false])
      },
    },
    state: { 'an absent role is not found': noRole((iam, RoleName) => iam.listRolePolicies({ RoleName })) },
    pagination: {
      'MaxItems, IsTruncated and Marker page through all names once': async (cloud) => {
        const iam = await created(cloud, 'paged')
        for (const name of ['c', 'a', 'b']) await put(iam, 'paged', DOCUMENT, name)
        const first = await iam.listRolePolicies({ RoleName: 'paged', MaxItems: 2 })
        assert.deepEqual([first.PolicyNames, first.IsTruncated], [['a', 'b'], true])
        const last = await iam.listRolePolicies({ RoleName: 'paged', Marker: first.Marker })
        assert.deepEqual([last.PolicyNames, last.IsTruncated], [['c'], false])
      },
    },
    cli: async (_cloud, aws) => {
      const answer = (await aws.run(['iam', 'list-role-policies', '--role-name', 'cli'])) as {
        PolicyNames: string[]
      }
      assert.deepEqual(answer.PolicyNames, ['p'])
    },
  },

  DeleteRolePolicy: {
    happy: {
      'it is gone at once for who reads it': async (cloud) => {
        const iam = await created(cloud, 'emptied')
        await put(iam, 'emptied')
        await iam.deleteRolePolicy({ RoleName: 'emptied', PolicyName: 'p' })
        assert.deepEqual((await iam.listRolePolicies({ RoleName: 'emptied' })).PolicyNames, [])
      },
    },
    state: {
      'an absent policy is not found': noPolicy(
        (iam, RoleName) => iam.deleteRolePolicy({ RoleName, PolicyName: 'none' }),
        NO_INLINE,
      ),
      'an absent role is not found': noRole((iam, RoleName) =>
        iam.deleteRolePolicy({ RoleName, PolicyName: 'p' }),
      ),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const args = ['iam', 'delete-role-policy', '--role-name', 'cli', '--policy-name', 'p']
      await aws.run(args)
      await assert.rejects(aws.run(args), /\(NoSuchEntity\)/)
    },
  },

  AttachRolePolicy: {
    happy: {
      'a policy that is attached already is no error': async (cloud) => {
        const iam = await created(cloud, 'attached')
        for (let times = 0; times < 2; times += 1)
          await iam.attachRolePolicy({ RoleName: 'attached', PolicyArn: BASIC })
        const { AttachedPolicies } = await iam.listAttachedRolePolicies({ RoleName: 'attached' })
        assert.equal(AttachedPolicies!.length, 1)
      },
    },
    validation: {
      'what is no ARN is refused': async (cloud) => {
        const iam = await created(cloud, 'unparsed')
        await refused(
          iam.attachRolePolicy({ RoleName: 'unparsed', PolicyArn: 'AWSLambdaBasicExecutionRole' }),
          'ValidationError',
          'Invalid ARN:  Could not be parsed!',
        )
      },
      'what is no policy’s ARN is refused': async (cloud) => {
        const iam = await created(cloud, 'strict')
        const PolicyArn = roleArn('strict')
        await refused(
          iam.attachRolePolicy({ RoleName: 'strict', PolicyArn }),
          'InvalidInputException',
          `ARN ${PolicyArn} is not valid.`,
        )
      },
    },
    state: {
      'an absent policy is not found': noPolicy(
        (iam, RoleName) => iam.attachRolePolicy({ RoleName, PolicyArn: ABSENT_POLICY }),
        `Policy ${ABSENT_POLICY} does not exist or is not attachable.`,
      ),
      'an absent role is not found': noRole((iam, RoleName) =>
        iam.attachRolePolicy({ RoleName, PolicyArn: BASIC }),
      ),
      'a service’s role is protected': protectedRole((iam, RoleName) =>
        iam.attachRolePolicy({ RoleName, PolicyArn: BASIC }),
      ),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      await aws.run(['iam', 'attach-role-policy', '--role-name', 'cli', '--policy-arn', BASIC])
    },
  },

  ListAttachedRolePolicies: {
    happy: {
      'policies come with name and ARN, below a path where one is asked for': async (cloud) => {
        const iam = await created(cloud, 'two')
        for (const PolicyArn of [ADMINISTRATOR, BASIC])
          await iam.attachRolePolicy({ RoleName: 'two', PolicyArn })
        const names = async (PathPrefix?: string) =>
          (await iam.listAttachedRolePolicies({ RoleName: 'two', PathPrefix })).AttachedPolicies!.map(
            ({ PolicyName }) => PolicyName,
          )
        assert.deepEqual(await names(), ['AWSLambdaBasicExecutionRole', 'AdministratorAccess'])
        assert.deepEqual(await names('/service-role/'), ['AWSLambdaBasicExecutionRole'])
      },
    },
    state: {
      'an absent role is not found': noRole((iam, RoleName) => iam.listAttachedRolePolicies({ RoleName })),
    },
    pagination: {
      'MaxItems, IsTruncated and Marker page through all of them once': async (cloud) => {
        const iam = await created(cloud, 'paged')
        for (const PolicyArn of [ADMINISTRATOR, BASIC])
          await iam.attachRolePolicy({ RoleName: 'paged', PolicyArn })
        const first = await iam.listAttachedRolePolicies({ RoleName: 'paged', MaxItems: 1 })
        const last = await iam.listAttachedRolePolicies({ RoleName: 'paged', Marker: first.Marker })
        assert.deepEqual(
          [first.IsTruncated, last.IsTruncated, last.AttachedPolicies![0]!.PolicyArn],
          [true, false, ADMINISTRATOR],
        )
      },
    },
    cli: async (_cloud, aws) => {
      const args = ['iam', 'list-attached-role-policies', '--role-name', 'cli']
      const { AttachedPolicies } = (await aws.run(args)) as { AttachedPolicies: { PolicyArn: string }[] }
      assert.deepEqual(
        AttachedPolicies.map(({ PolicyArn }) => PolicyArn),
        [BASIC],
      )
    },
  },

  DetachRolePolicy: {
    happy: {
      'it is gone at once for who reads it': async (cloud) => {
        const iam = await created(cloud, 'detached')
        await iam.attachRolePolicy({ RoleName: 'detached', PolicyArn: BASIC })
        await iam.detachRolePolicy({ RoleName: 'detached', PolicyArn: BASIC })
        const { AttachedPolicies } = await iam.listAttachedRolePolicies({ RoleName: 'detached' })
        assert.deepEqual(AttachedPolicies, [])
      },
    },
    state: {
      'a policy that is not attached is not found': noPolicy(
        (iam, RoleName) => iam.detachRolePolicy({ RoleName, PolicyArn: BASIC }),
        `Policy ${BASIC} was not found.`,
      ),
      'an absent role is not found': noRole((iam, RoleName) =>
        iam.detachRolePolicy({ RoleName, PolicyArn: BASIC }),
      ),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const args = ['iam', 'detach-role-policy', '--role-name', 'cli', '--policy-arn', BASIC]
      await aws.run(args)
      await assert.rejects(aws.run(args), /\(NoSuchEntity\)/)
    },
  },

  PutRolePermissionsBoundary: {
    happy: {
      'the boundary is set, and replaced': async (cloud) => {
        const iam = await created(cloud, 'bounded')
        for (const PermissionsBoundary of [BASIC, ADMINISTRATOR])
          await iam.putRolePermissionsBoundary({ RoleName: 'bounded', PermissionsBoundary })
        const { Role } = await iam.getRole({ RoleName: 'bounded' })
        assert.equal(Role!.PermissionsBoundary!.PermissionsBoundaryArn, ADMINISTRATOR)
      },
    },
    state: {
      'an absent policy is no boundary': noPolicy(
        (iam, RoleName) => iam.putRolePermissionsBoundary({ RoleName, PermissionsBoundary: ABSENT_POLICY }),
        `Scope ARN: ${ABSENT_POLICY} does not exist or is not attachable.`,
      ),
      'an absent role is not found': noRole((iam, RoleName) =>
        iam.putRolePermissionsBoundary({ RoleName, PermissionsBoundary: BASIC }),
      ),
      'a service’s role is protected': protectedRole((iam, RoleName) =>
        iam.putRolePermissionsBoundary({ RoleName, PermissionsBoundary: BASIC }),
      ),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const args = ['iam', 'put-role-permissions-boundary', '--role-name', 'cli', '--permissions-boundary']
      await aws.run([...args, BASIC])
    },
  },

  DeleteRolePermissionsBoundary: {
    happy: {
      'the role has none then': async (cloud) => {
        const iam = await created(cloud, 'unbounded', { PermissionsBoundary: BASIC })
        await iam.deleteRolePermissionsBoundary({ RoleName: 'unbounded' })
        const { Role } = await iam.getRole({ RoleName: 'unbounded' })
        assert.equal(Role!.PermissionsBoundary, undefined)
      },
    },
    state: {
      'an absent role is not found': noRole((iam, RoleName) =>
        iam.deleteRolePermissionsBoundary({ RoleName }),
      ),
      'a service’s role is protected': protectedRole((iam, RoleName) =>
        iam.deleteRolePermissionsBoundary({ RoleName }),
      ),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      await aws.run(['iam', 'delete-role-permissions-boundary', '--role-name', 'cli'])
    },
  },
}
