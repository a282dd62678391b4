// What a conformance suite is: for every operation of a service its cases in four columns and its `aws` commands. Suites
// are data, so that `table.ts` can print what they cover without running them; `run.ts` runs them.
import type { AwsCli } from '../aws-cli.js'
import type { TestCloud } from './cloud.js'

/** A case's name is a sentence that is true of AWS; it fails by throwing. Each gets a cloud shared with its operation's other cases. */
export type Case = (cloud: TestCloud) => Promise<unknown>
export type Cases = Readonly<Record<string, Case>>

export interface OperationSuite {
  readonly happy: Cases
  /** Refusals of an input, beyond those generated from AWS's models: by value, across members, in AWS's words. */
  readonly validation?: Cases
  /** Refusals and answers that depend on what is there: absent, existing, busy, in use, not yet. A text: why there are none. */
  readonly state: Cases | string
  /** A text: why there is none, such as `not paginated`. */
  readonly pagination: Cases | string
  /** Runs the operation by `aws.run([...])` at least once, and checks what botocore parsed. */
  readonly cli: (cloud: TestCloud, aws: AwsCli) => Promise<unknown>
}

export interface ServiceSuite {
  /** The name in the credential scope. */
  readonly service: string
  readonly operations: Readonly<Record<string, OperationSuite>>
  /** Asynchronous states that exist here, with what they take: one line each, for the table. */
  readonly states: readonly string[]
  /** Every known difference from AWS, a sentence each. */
  readonly differences: readonly string[]
}
