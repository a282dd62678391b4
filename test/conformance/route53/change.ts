// Changes: PENDING, then INSYNC.
import assert from 'node:assert/strict'
import { refused } from '../run.js'
import type { OperationSuite } from '../suite.js'
import { change, INSYNC, newZone, r53, send } from './setup.js'

export const changeSuites: Readonly<Record<string, OperationSuite>> = {
  GetChange: {
    happy: {
      'a change is PENDING, and INSYNC 10 to 60 s later; its comment comes back': async (cloud) => {
        const zone = await newZone(cloud)
        const { ChangeInfo } = await r53(cloud).changeResourceRecordSets({
          HostedZoneId: zone.id,
          ChangeBatch: { Comment: 'why', Changes: [change('CREATE', `a.${zone.name}`)] },
        })
        const Id = ChangeInfo!.Id!
        const status = async () => (await r53(cloud).getChange({ Id })).ChangeInfo!.Status
        assert.equal(await status(), 'PENDING')
        await cloud.pass(9)
        assert.equal(await status(), 'PENDING')
        await cloud.pass(INSYNC - 9)
        assert.equal(await status(), 'INSYNC')
        assert.equal(
          (await r53(cloud).getChange({ Id: Id.replace('/change/', '') })).ChangeInfo!.Comment,
          'why',
        )
      },
    },
    state: {
      'an unknown change is NoSuchChange': async (cloud) => {
        await refused(r53(cloud).getChange({ Id: 'C0000000000000000000' }), 'NoSuchChange')
      },
      'a refused batch leaves no change': async (cloud) => {
        const zone = await newZone(cloud)
        await refused(send(cloud, zone, change('DELETE', `a.${zone.name}`)), 'InvalidChangeBatch')
        await send(cloud, zone, change('CREATE', `a.${zone.name}`))
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const zone = await newZone(cloud)
      const { ChangeInfo } = await send(cloud, zone, change('CREATE', `a.${zone.name}`))
      const got = (await aws.run(['route53', 'get-change', '--id', ChangeInfo!.Id!])) as {
        ChangeInfo: { Status: string }
      }
      assert.equal(got.ChangeInfo.Status, 'INSYNC')
    },
  },
}
