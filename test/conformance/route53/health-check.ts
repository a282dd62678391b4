// Health checks: their settings and references. What the checkers see is in `health-status.ts`.
import assert from 'node:assert/strict'
import type { Route53 } from '@aws-sdk/client-route-53'
import { refused } from '../run.js'
import type { Cases, OperationSuite } from '../suite.js'
import {
  alone,
  calculated,
  change,
  fresh,
  NOWHERE,
  newCheck,
  newZone,
  often,
  r53,
  send,
  values,
  watchCheck,
} from './setup.js'

export const NO_CHECK = '00000000-0000-0000-0000-000000000000'

export const noSuchCheck = (call: (client: Route53) => Promise<unknown>): Cases => ({
  'an unknown check is NoSuchHealthCheck': async (cloud) => refused(call(r53(cloud)), 'NoSuchHealthCheck'),
})

const TAKEN = 'A different health check has already been created with the specified caller reference.'

/** Settings that are refused, with the words where they are known. */
const WRONG: readonly (readonly [object, string?])[] = [
  [
    { FullyQualifiedDomainName: undefined },
    'Basic health checks must have an IP address or a fully qualified domain name specified.',
  ],
  [{ RequestInterval: 20 }],
  [{ SearchString: 'ok' }],
  [{ Type: 'HTTPS_STR_MATCH' }],
  [{ Type: 'TCP', ResourcePath: undefined }],
  [{ Type: 'TCP', Port: 443 }, 'TCP health checks must not have a resource path specificed.'],
  [{ HealthThreshold: 1 }],
  [{ Regions: ['us-east-1', 'us-east-1', 'eu-west-1'] }],
  [
    { AlarmIdentifier: { Name: 'a', Region: 'us-east-1' } },
    'Basic health checks must not have an metric region specified.',
  ],
]

export const checkSuites: Readonly<Record<string, OperationSuite>> = {
  CreateHealthCheck: {
    happy: {
      'a check is at version 1, with the defaults filled in': async (cloud) => {
        const { HealthCheckVersion, HealthCheckConfig } = await newCheck(cloud, {
          RequestInterval: undefined,
        })
        assert.equal(HealthCheckVersion, 1)
        assert.deepEqual(HealthCheckConfig, {
          ...{ Type: 'HTTPS', FullyQualifiedDomainName: NOWHERE.FullyQualifiedDomainName, Port: 443 },
          ...{ ResourcePath: '/dev/health', RequestInterval: 30, FailureThreshold: 3, EnableSNI: true },
          ...{ MeasureLatency: false, Inverted: false, Disabled: false },
        })
      },
      'a new check counts as healthy until there is data, a new inverted one as unhealthy': async (cloud) => {
        const zone = await newZone(cloud)
        const slow = { RequestInterval: 30, FailureThreshold: 10 } as const
        const healthy = await watchCheck(cloud, zone, (await newCheck(cloud, slow)).Id!)
        assert.equal(await healthy(), true)
        const inverted = await newCheck(cloud, { ...slow, Inverted: true })
        assert.equal(await (await watchCheck(cloud, zone, inverted.Id!))(), false)
      },
      'a calculated check counts its healthy children against its threshold': async (cloud) => {
        const zone = await newZone(cloud)
        const [up, down] = [
          await newCheck(cloud, { Disabled: true }),
          await newCheck(cloud, { Disabled: true, Inverted: true }),
        ]
        for (const [HealthThreshold, expected] of [
          [0, true],
          [1, true],
          [2, false],
          [3, false],
        ] as const) {
          const sum = await newCheck(cloud, calculated(HealthThreshold, up.Id!, down.Id!))
          assert.equal(await (await watchCheck(cloud, zone, sum.Id!))(), expected, String(HealthThreshold))
        }
      },
    },
    validation: {
      'settings that do not belong to the type, or are missing from it, are InvalidInput': async (cloud) => {
        for (const [more, wording] of WRONG)
          await refused(newCheck(cloud, more), 'InvalidInput', wording && `Invalid parameter : ${wording}`)
      },
      'a calculated check without a threshold is InvalidInput': async (cloud) => {
        await refused(
          newCheck(cloud, { Type: 'CALCULATED', ChildHealthChecks: [] }),
          'InvalidInput',
          'Invalid parameter : Calculated health checks must have a health threshold specified.',
        )
      },
      'the children of a calculated check exist and are not calculated': async (cloud) => {
        const sum = await newCheck(cloud, calculated(0))
        for (const child of [sum.Id!, NO_CHECK]) {
          await refused(newCheck(cloud, calculated(1, child)), 'InvalidInput')
        }
      },
    },
    state: {
      'the same reference and settings answer with the check that is there': async (cloud) => {
        const asked = { CallerReference: fresh('same'), HealthCheckConfig: NOWHERE }
        const [one, two] = [
          await r53(cloud).createHealthCheck(asked),
          await r53(cloud).createHealthCheck(asked),
        ]
        assert.equal(one.HealthCheck!.Id, two.HealthCheck!.Id)
      },
      'the same reference with other settings is HealthCheckAlreadyExists': async (cloud) => {
        const CallerReference = fresh('other')
        await r53(cloud).createHealthCheck({ CallerReference, HealthCheckConfig: NOWHERE })
        const HealthCheckConfig = { ...NOWHERE, ResourcePath: '/' }
        await refused(
          r53(cloud).createHealthCheck({ CallerReference, HealthCheckConfig }),
          'HealthCheckAlreadyExists',
          TAKEN,
        )
      },
      'the reference of a deleted check is HealthCheckAlreadyExists for days': alone(async (cloud) => {
        const asked = { CallerReference: fresh('deleted'), HealthCheckConfig: NOWHERE }
        const { HealthCheck } = await r53(cloud).createHealthCheck(asked)
        await r53(cloud).deleteHealthCheck({ HealthCheckId: HealthCheck!.Id! })
        await cloud.pass(24 * 3600)
        await refused(r53(cloud).createHealthCheck(asked), 'HealthCheckAlreadyExists', TAKEN)
      }),
      'the 201st check of an account is TooManyHealthChecks': alone(async (cloud) => {
        const config = calculated(0)
        await often(cloud, 200, () => newCheck(cloud, config))
        await cloud.pass(2)
        await refused(
          newCheck(cloud, config),
          'TooManyHealthChecks',
          /^Limits Exceeded: MAX_HEALTH_CHECKS_BY_OWNER/,
        )
      }),
      'the 1,001st request of a day is Throttling': alone(async (cloud) => {
        // Refused ones count too.
        const wrong = () => newCheck(cloud, { Type: 'CALCULATED', ChildHealthChecks: [] })
        await often(cloud, 1000, () => refused(wrong(), 'InvalidInput'))
        await cloud.pass(60)
        await refused(wrong(), 'Throttling', 'Rate exceeded')
        await cloud.pass(24 * 3600)
        await refused(wrong(), 'InvalidInput')
      }),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const made = (await aws.run([
        ...['route53', 'create-health-check', '--caller-reference', fresh('cli')],
        ...['--health-check-config', JSON.stringify(NOWHERE)],
      ])) as { HealthCheck: { HealthCheckVersion: number } }
      assert.equal(made.HealthCheck.HealthCheckVersion, 1)
    },
  },

  GetHealthCheck: {
    happy: {
      'an update is read at once': async (cloud) => {
        const { Id } = await newCheck(cloud)
        await r53(cloud).updateHealthCheck({ HealthCheckId: Id!, FailureThreshold: 5 })
        const { HealthCheck } = await r53(cloud).getHealthCheck({ HealthCheckId: Id! })
        assert.equal(HealthCheck!.HealthCheckConfig!.FailureThreshold, 5)
      },
    },
    state: noSuchCheck((client) => client.getHealthCheck({ HealthCheckId: NO_CHECK })),
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const { Id } = await newCheck(cloud)
      const got = (await aws.run(['route53', 'get-health-check', '--health-check-id', Id!])) as {
        HealthCheck: { Id: string }
      }
      assert.equal(got.HealthCheck.Id, Id)
    },
  },

  GetHealthCheckCount: {
    happy: {
      'counts the checks of the account': async (cloud) => {
        const count = async () => (await r53(cloud).getHealthCheckCount({})).HealthCheckCount!
        const before = await count()
        await newCheck(cloud)
        assert.equal(await count(), before + 1)
      },
    },
    state: 'has no state',
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const { HealthCheckCount } = (await aws.run(['route53', 'get-health-check-count'])) as {
        HealthCheckCount: number
      }
      assert.equal(typeof HealthCheckCount, 'number')
    },
  },

  ListHealthChecks: {
    happy: {
      'a check is listed as soon as it is made': async (cloud) => {
        const { Id } = await newCheck(cloud)
        const { HealthChecks } = await r53(cloud).listHealthChecks({})
        assert.ok(HealthChecks!.some((check) => check.Id === Id))
      },
    },
    validation: {
      'a marker that names no check is InvalidInput': async (cloud) =>
        refused(r53(cloud).listHealthChecks({ Marker: NO_CHECK }), 'InvalidInput'),
    },
    state: 'has no state',
    pagination: {
      'NextMarker is the first check of the next page': async (cloud) => {
        for (let count = 0; count < 3; count++) await newCheck(cloud)
        const { HealthCheckCount } = await r53(cloud).getHealthCheckCount({})
        const seen = new Set<string>()
        let Marker: string | undefined
        do {
          const page = await r53(cloud).listHealthChecks({ MaxItems: 2, ...(Marker && { Marker }) })
          for (const { Id } of page.HealthChecks!) seen.add(Id!)
          assert.equal(page.IsTruncated, page.NextMarker !== undefined)
          Marker = page.NextMarker
        } while (Marker)
        assert.equal(seen.size, HealthCheckCount)
      },
    },
    cli: async (cloud, aws) => {
      const { Id } = await newCheck(cloud)
      const { HealthChecks } = (await aws.run(['route53', 'list-health-checks'])) as {
        HealthChecks: { Id: string }[]
      }
      assert.ok(HealthChecks.some((check) => check.Id === Id))
    },
  },

  DeleteHealthCheck: {
    happy: {
      'a check goes at once': async (cloud) => {
        const { Id } = await newCheck(cloud)
        await r53(cloud).deleteHealthCheck({ HealthCheckId: Id! })
        await refused(r53(cloud).getHealthCheck({ HealthCheckId: Id! }), 'NoSuchHealthCheck')
      },
    },
    state: {
      ...noSuchCheck((client) => client.deleteHealthCheck({ HealthCheckId: NO_CHECK })),
      'a check that records use goes too, and they keep its id': async (cloud) => {
        const zone = await newZone(cloud)
        const { Id } = await newCheck(cloud)
        const checked = {
          SetIdentifier: 'a',
          Weight: 1,
          HealthCheckId: Id!,
          ResourceRecords: values('192.0.2.1'),
        }
        await send(cloud, zone, change('CREATE', `x.${zone.name}`, checked))
        await r53(cloud).deleteHealthCheck({ HealthCheckId: Id! })
        const { ResourceRecordSets } = await r53(cloud).listResourceRecordSets({ HostedZoneId: zone.id })
        assert.equal(ResourceRecordSets!.at(-1)!.HealthCheckId, Id)
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const { Id } = await newCheck(cloud)
      await aws.run(['route53', 'delete-health-check', '--health-check-id', Id!])
      await refused(r53(cloud).getHealthCheck({ HealthCheckId: Id! }), 'NoSuchHealthCheck')
    },
  },
}
