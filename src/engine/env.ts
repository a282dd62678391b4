// What is known before the walk and is not in the config: whose account this is, which zone holds the domain, what the
// functions' code hashes to, and which regions an operator has drained.

/** A region that an operator took out of traffic. `up` and `plan` leave it so until `failback`. */
export interface Drain {
  readonly mode: 'article'
  /** ISO 8601. */
  readonly since: string
}

export interface Bundle {
  readonly zip: Uint8Array
  /** base64 of the zip's sha-256, as Lambda's CodeSha256. */
  readonly sha256: string
}

export interface Env {
  readonly account: string
  readonly partition: string
  /** The longest public zone that holds the domain, without the `/hostedzone/` prefix. */
  readonly hostedZone: { readonly id: string; readonly name: string }
  /** By function key. */
  readonly bundles: Readonly<Record<string, Bundle>>
  /** By region. */
  readonly drained: Readonly<Record<string, Drain>>
}
