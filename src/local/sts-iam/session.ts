// The sessions of roles, in memory: they end with the cloud, or with their role. What a session may do is decided by
// iam.ts at each call.

import type { Principal, SessionCredentials } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import { secretKey, sessionToken, uniqueId } from './identifier.js'
import type { RoleRecord } from './role.js'

/** A pair of keys as clients sign with. */
export interface AccessKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** What the front door needs to verify a signature, and whose it is. */
export interface Credential extends AccessKey {
  readonly sessionToken?: string
  readonly principal: Principal
}

interface Session extends SessionCredentials {
  readonly principal: Principal
  readonly roleId: string
}

export interface Sessions {
  /** The session of that role and name; the same name gets the same session for as long as the role lives. */
  open(role: RoleRecord, sessionName: string): SessionCredentials
  find(accessKeyId: string): Credential | undefined
  /** Ends all sessions of a role. AWS: they do not come back with a new role of the same name. */
  end(role: RoleRecord): void
}

export function sessionsIn(account: string): Sessions {
  const byKey = new Map<string, Session>()
  const byName = new Map<string, Session>()

  return {
    open(role, sessionName) {
      // AWS: callers' own session names have two characters at least; Lambda's are the function's name, whatever its length.
      if (!/^[\w+=,.@-]{1,64}$/.test(sessionName)) {
        throw new AwsError('ValidationError', `The role session name ${sessionName} is invalid.`)
      }
      const fullName = `${role.roleId}:${sessionName}`
      const session = byName.get(fullName) ?? newSession(account, role, sessionName)
      byName.set(fullName, session)
      byKey.set(session.accessKeyId, session)
      const { accessKeyId, secretAccessKey, sessionToken } = session
      return { accessKeyId, secretAccessKey, sessionToken }
    },
    find: (accessKeyId) => byKey.get(accessKeyId),
    end({ roleId }) {
      for (const [fullName, session] of byName) {
        if (session.roleId !== roleId) continue
        byName.delete(fullName)
        byKey.delete(session.accessKeyId)
      }
    },
  }
}

function newSession(account: string, role: RoleRecord, sessionName: string): Session {
  return {
    accessKeyId: uniqueId('ASIA'),
    secretAccessKey: secretKey(),
    sessionToken: sessionToken(),
    roleId: role.roleId,
    principal: {
      // AWS: the ARN of a session has the role's name without its path.
      arn: `arn:aws:sts::${account}:assumed-role/${role.name}/${sessionName}`,
      roleName: role.name,
    },
  }
}
