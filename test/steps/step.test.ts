// The pure halves of the steps that decide most: readiness from what AWS says, diffs, and errors that mean "not yet".
// And the contract that every step of the procedure keeps.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AnyStep } from '../../src/engine/step.js'
import { certificate } from '../../src/steps/certificate.js'
import { certificateIssued } from '../../src/steps/certificate-issued.js'
import { domainName } from '../../src/steps/domain-name.js'
import { fn } from '../../src/steps/function.js'
import { healthCheck } from '../../src/steps/health-check.js'
import { procedure } from '../../src/steps/index.js'
import { policyRecord } from '../../src/steps/policy-record.js'
import { replica } from '../../src/steps/replica.js'
import { restApi } from '../../src/steps/rest-api.js'
import { role } from '../../src/steps/role.js'
import { table } from '../../src/steps/table.js'

const READINESS: readonly [
  step: AnyStep,
  observed: object,
  state: 'ready' | 'pending' | 'failed',
  says?: RegExp,
][] = [
  [table, { status: 'ACTIVE' }, 'ready'],
  [table, { status: 'CREATING' }, 'pending', /CREATING/],
  [table, { status: 'UPDATING' }, 'pending'],
  [table, { status: 'ARCHIVED' }, 'failed', /ARCHIVED/],
  [replica, { replicaStatus: 'ACTIVE', tableStatus: 'ACTIVE', sourceStatus: 'ACTIVE' }, 'ready'],
  [replica, { replicaStatus: 'ACTIVE', tableStatus: 'ACTIVE', sourceStatus: 'UPDATING' }, 'pending'],
  [
    replica,
    { replicaStatus: 'CREATING', tableStatus: undefined, sourceStatus: 'UPDATING' },
    'pending',
    /not there yet/,
  ],
  [
    replica,
    { replicaStatus: 'REPLICATION_NOT_AUTHORIZED', tableStatus: 'ACTIVE', sourceStatus: 'ACTIVE' },
    'failed',
  ],
  [fn, { state: 'Active', lastUpdateStatus: 'Successful' }, 'ready'],
  [fn, { state: 'Pending' }, 'pending'],
  [fn, { state: 'Active', lastUpdateStatus: 'InProgress' }, 'pending', /update/],
  [fn, { state: 'Failed', stateReason: 'no image' }, 'failed', /no image/],
  [certificate, { status: 'PENDING_VALIDATION', record: { name: 'a', value: 'b' } }, 'ready'],
  [certificate, { status: 'PENDING_VALIDATION' }, 'pending', /record/],
  [certificate, { status: 'FAILED', failure: 'CAA_ERROR' }, 'failed', /CAA_ERROR/],
  [certificate, { status: 'VALIDATION_TIMED_OUT' }, 'failed'],
  [certificateIssued, { status: 'ISSUED' }, 'ready'],
  [certificateIssued, { status: 'PENDING_VALIDATION' }, 'pending', /DNS record/],
  [certificateIssued, { status: 'REVOKED' }, 'failed'],
  [domainName, { status: 'AVAILABLE' }, 'ready'],
  [domainName, { status: 'UPDATING' }, 'pending'],
  [domainName, { status: 'FAILED', statusMessage: 'no certificate' }, 'failed', /no certificate/],
  [healthCheck, { observed: true }, 'ready'],
  [healthCheck, { observed: false }, 'pending', /checker/],
  [policyRecord, { state: 'Applied' }, 'ready'],
  [policyRecord, { state: 'Creating' }, 'pending', /Creating/],
  [policyRecord, { state: 'Failed', message: 'conflict' }, 'failed', /conflict/],
]

describe('readiness', () => {
  for (const [step, observed, state, says] of READINESS)
    test(`${step.kind} ${JSON.stringify(observed)}: ${state}`, () => {
      const found = step.readiness(observed, {})
      assert.equal(found.state, state)
      if (says) assert.match('reason' in found ? found.reason : '', says)
    })
})

describe('what differs', () => {
  const fields = (step: AnyStep, desired: object, observed: object) =>
    step.diff(desired, observed).map(({ field, immutable }) => (immutable ? `${field}!` : field))

  test('nothing, where all is as wanted; what is only observed does not count', () => {
    const wanted = { domainName: 'a', certificateArn: 'b', securityPolicy: 'TLS_1_2' }
    assert.deepEqual(fields(domainName, wanted, { ...wanted, id: 'x', owned: true, target: 'y' }), [])
  })
  test('the order of keys does not count, the order of lists does', () => {
    const policy = { Version: '1', Statement: [{ Sid: 'a', Action: ['b', 'c'] }] }
    const same = { Statement: [{ Action: ['b', 'c'], Sid: 'a' }], Version: '1' }
    const other = { Version: '1', Statement: [{ Sid: 'a', Action: ['c', 'b'] }] }
    assert.deepEqual(fields(role, { roleName: 'r', policy }, { roleName: 'r', policy: same }), [])
    assert.deepEqual(fields(role, { roleName: 'r', policy }, { roleName: 'r', policy: other }), ['policy'])
    assert.deepEqual(fields(role, { roleName: 'r', policy }, { roleName: 'r' }), ['policy'])
  })
  test('what AWS cannot change is marked', () => {
    assert.deepEqual(
      fields(table, { tableName: 'a', keys: [], billingMode: 'x' }, { tableName: 'b', keys: [1] }),
      [...['tableName!', 'keys!', 'billingMode']],
    )
    assert.deepEqual(fields(certificate, { domainName: 'a' }, { domainName: 'b' }), ['domainName!'])
    assert.deepEqual(fields(healthCheck, { intervalSeconds: 10 }, { intervalSeconds: 30 }), [
      'intervalSeconds!',
    ])
  })
})

describe('errors that mean "not yet"', () => {
  const cases: readonly [step: AnyStep, name: string, message: string, transient: boolean][] = [
    [
      fn,
      'InvalidParameterValueException',
      'The role defined for the function cannot be assumed by Lambda.',
      true,
    ],
    [
      fn,
      'InvalidParameterValueException',
      'The provided execution role does not have permissions to call',
      true,
    ],
    [fn, 'InvalidParameterValueException', 'KMS key is invalid for CreateGrant', true],
    [fn, 'InvalidParameterValueException', 'Unzipped size must be smaller than 262144000 bytes', false],
    [restApi, 'BadRequestException', 'Please remove all base path mappings related to the RestApi', true],
    [restApi, 'BadRequestException', 'Invalid API identifier', false],
    [
      replica,
      'ValidationException',
      'Replica cannot be deleted because it has acted as a source region',
      true,
    ],
    [policyRecord, 'NoSuchTrafficPolicy', 'no such policy', true],
    [policyRecord, 'InvalidInput', 'bad name', false],
  ]
  for (const [step, name, message, transient] of cases)
    test(`${step.kind}: ${name} ${message}: ${transient}`, () => {
      const error = Object.assign(new Error(message), { name })
      assert.equal(step.transient?.(error) === true, transient)
    })
})

describe('every step', () => {
  test('has a kind of its own, in the words of addresses', () => {
    const kinds = procedure.map(({ kind }) => kind)
    assert.equal(new Set(kinds).size, kinds.length)
    for (const kind of kinds) assert.match(kind, /^[a-z]+(-[a-z]+)*$/)
  })
  test('needs only steps before it', () => {
    for (const [index, step] of procedure.entries())
      for (const need of Object.values(step.needs) as { step: AnyStep }[])
        assert.ok(procedure.slice(0, index).includes(need.step), `${step.kind} needs ${need.step.kind}`)
  })
  test('that can be made can be removed, and is a gate if it has no move at all', () => {
    for (const step of procedure)
      assert.equal(step.create === undefined, step.remove === undefined, step.kind)
    const gates = procedure.filter(({ create, update }) => !create && !update).map(({ kind }) => kind)
    assert.deepEqual(gates, ['certificate-issued'])
  })
  test('has a patience within an hour and a quarter, and looks more than once in it', () => {
    for (const { kind, patience } of procedure) {
      assert.ok(patience.forMinutes > 0 && patience.forMinutes <= 75, kind)
      assert.ok(patience.everySeconds >= 1 && patience.everySeconds * 4 < patience.forMinutes * 60, kind)
    }
  })
  test('that holds data is never replaced', () => {
    for (const { kind, data, replace } of procedure) assert.ok(!(data && replace), kind)
  })
})
