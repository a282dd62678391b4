// The owner marks: every taggable resource carries its stack, the state's lineage and its own address. They find what a
// lost answer or a lost state made, and keep us from touching what is not ours.

export type Tags = Readonly<Record<string, string>>

export const TAG = {
  stack: 'multiregion:stack',
  lineage: 'multiregion:lineage',
  address: 'multiregion:address',
} as const

export const ownerTags = (stack: string, lineage: string, address: string): Tags => ({
  [TAG.stack]: stack,
  [TAG.lineage]: lineage,
  [TAG.address]: address,
})

/** As most services take them. */
export const tagList = (tags: Tags): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))

export type TagsFound =
  | Readonly<Record<string, string>>
  | readonly { readonly Key?: string; readonly Value?: string }[]
  | undefined

const asRecord = (found: TagsFound): Readonly<Record<string, string | undefined>> =>
  Array.isArray(found)
    ? Object.fromEntries(found.map(({ Key, Value }) => [Key ?? '', Value]))
    : ((found ?? {}) as Record<string, string>)

/** True if all of ours are there; a user may add more. */
export function carries(found: TagsFound, ours: Tags): boolean {
  const there = asRecord(found)
  return Object.entries(ours).every(([key, value]) => there[key] === value)
}

/** The address that it says it was made for. */
export const addressOf = (found: TagsFound): string | undefined => asRecord(found)[TAG.address]

/** True if it is of our stack and lineage, at whatever address: what hangs on it is ours then, too. */
export function belongs(found: TagsFound, ours: Tags): boolean {
  const there = asRecord(found)
  return [TAG.stack, TAG.lineage].every((key) => there[key] === ours[key])
}

/**
 * As a step's observation tells it: whether it is ours, by which lineage if it was made for this address of this stack, and
 * whose it is if it is another stack's.
 */
export function ownership(
  found: TagsFound,
  ours: Tags,
): { owned: boolean; lineage?: string; stack?: string } {
  const { [TAG.stack]: stack, [TAG.lineage]: lineage } = asRecord(found)
  return {
    owned: carries(found, ours),
    ...(namesUs(found, ours) && lineage !== undefined && { lineage }),
    ...(stack !== undefined && stack !== ours[TAG.stack] && { stack }),
  }
}

/** True if it was made for this address of this stack, by whatever state: a finder takes it, `carries` judges it. */
export function namesUs(found: TagsFound, ours: Tags): boolean {
  const there = asRecord(found)
  return there[TAG.stack] === ours[TAG.stack] && there[TAG.address] === ours[TAG.address]
}
