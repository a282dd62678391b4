// Addresses that were named with `--adopt`, and are none that can be adopted. Who may be taken over, where one stands, is
// `engine/adoption.ts`'s.
import { UsageError } from '../base/errors.js'
import { nearest } from '../config/problem.js'
import type { Config } from '../config/schema.js'
import { wantedNodes } from './stack.js'

/** Told before anything is opened or called. Throws UsageError. */
export function refuseUnadoptable(config: Config, addresses: readonly string[]): void {
  const nodes = wantedNodes({ config })
  const adoptable = nodes.filter(({ step }) => step.adopt)
  const kinds = [...new Set(adoptable.map(({ step }) => step.kind))].join(', ')
  const known = adoptable.map(({ address }) => address)
  for (const address of addresses) {
    if (known.includes(address)) continue
    if (nodes.some((node) => node.address === address))
      throw new UsageError(
        `--adopt ${address} cannot be: only what has a name of its own and takes tags can (${kinds})`,
        'Adopt what it hangs on, or remove it; then run multiregion plan.',
      )
    const meant = nearest(address, known)
    throw new UsageError(
      `--adopt ${address} is no resource of this stack`,
      meant ? `Did you mean --adopt ${meant}?` : `These can be adopted: ${known.join(', ')}`,
    )
  }
}
