/** A role that may read and write the rows of one database, owns nothing, and is dropped at the end. */

import { randomBytes } from 'node:crypto'
import { EnvironmentError } from '../../../base/environment-error.ts'
import { type Connection, withClient } from '../../../postgres/connect.ts'
import { ORDINARY_ROLES, scramVerifier } from '../../../postgres/embedded/password-file.ts'
import { quoted } from '../../../postgres/schema/ddl.ts'
import { servingPrivileges } from '../../../postgres/schema/serving-privileges.ts'
import { explainError } from '../../../postgres/sqlstate.ts'

/** An ordinary role. */
export interface OrdinaryRole {
  /** The database, as this role. */
  readonly url: string
  /** Takes its privileges and drops it. */
  readonly drop: () => Promise<void>
}

/**
 * Makes an ordinary role for a database. Nobody else may then make temporary tables there.
 *
 * @param databaseUrl the database, as its owner.
 * @param administratorUrl the server, as a role that may create roles; null to let the owner do it.
 * @returns null where neither may create roles, or the server has no access for the new role.
 * @throws every other error of the database.
 */
export async function createOrdinaryRole(databaseUrl: string, administratorUrl: string | null): Promise<OrdinaryRole | null> {
  const database = new URL(databaseUrl)
  const name = `${ORDINARY_ROLES}${randomBytes(6).toString('hex')}`
  const password = randomBytes(24).toString('base64url')
  const administrator = administratorUrl === null ? database : withPath(administratorUrl, database.pathname)
  const run = <T>(work: (client: Connection) => Promise<T>): Promise<T> => withClient(administrator.href, work)
  const own = quoted(decodeURIComponent(database.pathname.slice(1)))
  // One transaction: a role without privileges is one that a killed run has left.
  const statements = [
    `create role ${quoted(name)} login nosuperuser nocreatedb nocreaterole noinherit password '${scramVerifier(password)}'`,
    ...servingPrivileges(name),
    `revoke all on database ${own} from public`,
    `grant connect on database ${own} to ${quoted(name)}`,
  ]
  try {
    await run(async (client) => {
      await dropLeft(client)
      await client.query(statements.join(';\n'))
    })
  } catch (error) {
    if (error instanceof EnvironmentError || explainError(error).kind === 'not-allowed') return null
    throw error
  }
  const drop = (): Promise<void> =>
    run(async (client) => void (await client.query(`drop owned by ${quoted(name)}; drop role ${quoted(name)}`)))
  const url = new URL(database)
  url.username = name
  url.password = password
  try {
    await withClient(url.href, async () => {})
  } catch (error) {
    await drop()
    if (error instanceof EnvironmentError) return null
    throw error
  }
  return { url: url.href, drop }
}

function withPath(url: string, path: string): URL {
  const other = new URL(url)
  other.pathname = path
  return other
}

/** Drops roles of runs that were killed. A role with privileges is in use, and is not dropped. */
async function dropLeft(client: Connection): Promise<void> {
  const { rows } = await client.query<{ name: string }>('select rolname as name from pg_roles where starts_with(rolname, $1)', [
    ORDINARY_ROLES,
  ])
  for (const { name } of rows) await client.query(`drop role if exists ${quoted(name)}`).catch(() => {})
}
