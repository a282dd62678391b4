// Every constraint of AWS's models, broken once for every operation that is served, over the wire by the SDK's clients:
// the service's own code, status and words. What is wrong by value or across members is the suites'.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { WIRE_CLIENTS } from '../../src/local/wire/clients.js'
import { startTestCloud, type TestCloud } from './cloud.js'
import { type ConstraintCase, casesOf } from './constraint-case.js'

const CODES: Readonly<Record<string, string>> = {
  dynamodb: 'ValidationException',
  lambda: 'ValidationException',
  apigateway: 'ValidationException',
  route53: 'InvalidInput',
  acm: 'ValidationException',
  iam: 'ValidationError',
  sts: 'ValidationError',
  logs: 'InvalidParameterException',
}

/** DynamoDB's engine checks items itself, in words of its own: code and status are asserted. */
const OWN_WORDS = /^(Get|Put|Update|Delete)Item$|^(Query|Scan)$|^Batch|^Transact/

type Client = { send(command: unknown): Promise<unknown>; destroy(): void }
type Thrown = Error & { readonly $metadata?: { readonly httpStatusCode?: number } }

describe('validation by constraint', () => {
  let cloud: TestCloud
  before(async () => {
    cloud = await startTestCloud('instant')
  })
  after(async () => {
    await cloud.close()
    const bugs = cloud.logged.filter((line) => line.startsWith('500 ') || line.includes(' broke: '))
    assert.deepEqual(bugs, [])
  })

  for (const { name: service, load } of WIRE_CLIENTS) {
    test(service, async (context) => {
      const { module, client: sample } = await load()
      const client = cloud.client(sample.constructor as never) as Client
      const ask = async (operation: string, input: object): Promise<Thrown | undefined> => {
        const Command = module[`${operation}Command`] as new (input: object) => unknown
        return client.send(new Command(input)).then(
          () => undefined,
          (thrown: Thrown) => thrown,
        )
      }
      const wrong: string[] = []
      let count = 0
      for (const [operation, { least, cases }] of await casesOf(service, cloud.cloud.operations()[service])) {
        const fine = await ask(operation, least)
        if (/validation error|Invalid XML/.test(fine?.message ?? ''))
          wrong.push(`${operation}: ${fine!.message}`)
        for (const one of cases) {
          const error = await ask(operation, one.input)
          const complaint = complain(service, operation, one, error)
          if (complaint) wrong.push(`${operation} ${one.path} ${one.broken}: ${complaint}`)
        }
        count += cases.length
      }
      context.diagnostic(`${service}: ${count} cases`)
      assert.deepEqual(wrong.slice(0, 40), [], `${wrong.length} of ${count}`)
    })
  }
})

function complain(service: string, operation: string, one: ConstraintCase, error: Thrown | undefined) {
  if (!error) return 'it was answered'
  const status = error.$metadata?.httpStatusCode
  if (error.name !== CODES[service] || status !== 400) return `${status} ${error.name}: ${error.message}`
  if (service === 'dynamodb' && OWN_WORDS.test(operation)) return undefined
  const words = service === 'route53' && !one.isInUrl ? inXml(one) : inCoral(service, operation, one)
  return words.every((word) => error.message.includes(word)) ? undefined : `${error.message} lacks ${words}`
}

function inCoral(service: string, operation: string, one: ConstraintCase): string[] {
  const { path, broken, isInUrl, constraint } = one
  const isPrefixed = service === 'apigateway' && !isInUrl
  const input = isPrefixed ? `${operation.charAt(0).toLowerCase()}${operation.slice(1)}Input.` : ''
  const at = `at '${input}${path}' failed to satisfy constraint: `
  const { min, max, pattern, enum: values } = constraint ?? {}
  const must: Record<string, string> = {
    null: 'Member must not be null',
    enum: `Member must satisfy enum value set: [${values?.join(', ')}]`,
    pattern: `Member must satisfy regular expression pattern: ${pattern}`,
    longest: `Member must have length less than or equal to ${max}`,
    shortest: `Member must have length greater than or equal to ${min}`,
    most: `Member must have value less than or equal to ${max}`,
    least: `Member must have value greater than or equal to ${min}`,
    items: '',
  }
  return [
    /^\d+ validation errors? detected: /.exec('1 validation error detected: ')![0].slice(1, 12),
    at + must[broken],
  ]
}

function inXml({ broken, type }: ConstraintCase): string[] {
  const words: Record<string, string> = {
    null: `cvc-complex-type.2.4.b: The content of element '`,
    enum: 'cvc-enumeration-valid: Value ',
    pattern: `' for type '${type}'`,
    longest: '',
    shortest: '',
    most: 'cvc-maxInclusive-valid: Value ',
    least: 'cvc-minInclusive-valid: Value ',
    items: 'cvc-',
  }
  return ['Invalid XML ; cvc-', words[broken]!]
}
