// The variables of a function's environment, which Lambda and the deployment set. Read at each call, never kept.

/** A variable that every function has. Throws where it is not set: a mistake of the deployment, not of the client. */
export function variable(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`the variable ${name} is not set`)
  return value
}
