// The names of what a stack makes, in one place: the config checks their lengths, the steps use them.
// They derive from the stack and never from the state, so a second machine collides instead of duplicating.

/** `<name>-<stage>`, the first half of every name. */
export const stackName = (name: string, stage: string) => `${name}-${stage}`

// AWS: function and role names hold at most 64 characters.
export const LONGEST_NAME = 64

/** The table of a shared state, the same in every region. */
export const controlTableName = (stack: string) => `${stack}-control`

/** What the names of a stack's functions and roles begin with. */
export const namePrefix = (stack: string) => `${stack}-`
export const functionName = (stack: string, key: string) => `${namePrefix(stack)}${key}`
/** IAM is global, so the region is part of a role's name. */
export const roleName = (stack: string, key: string, region: string) => `${stack}-${key}-${region}`
/** The key of a function in one of the names above, as a list of one; empty for a name of another make. */
export function keyOf(name: string, before: string, after = ''): string[] {
  const key = name.slice(before.length, name.length - after.length)
  return name === `${before}${key}${after}` && key !== '' ? [key] : []
}

/** Lambda writes to this group and no other. */
export const logGroupName = (stack: string, key: string) => `/aws/lambda/${functionName(stack, key)}`
