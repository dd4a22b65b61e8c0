/** Signs in to the development server as an account that exists, without its password: a session of its own in the development database. */

import { render } from '../../../base/sql/render.ts'
import { ident, slot, sql } from '../../../base/sql/sql.ts'
import { entityNamed, fieldNamed, type IdentityModel, type Model } from '../../../model/model.ts'
import { withClient } from '../../../postgres/connect.ts'
import { openExecutor } from '../../../postgres/executor/execute.ts'
import { createIdentity } from '../../../services/identity/create-identity.ts'
import { loadKeys } from '../../../services/identity/tokens/key-file.ts'
import { databaseOf, stateFolder, withDatabase } from '../../setup/database.ts'
import { readSettings } from '../../setup/settings/settings.ts'
import type { Project } from '../state/project.ts'
import { ToolError } from '../state/tool-error.ts'

/** As whom, and where. */
export interface SignInWish {
  readonly model: Model
  /** The design's file. */
  readonly path: string
  readonly serverUrl: string
  /** A login, or a role: then the first account that has it. */
  readonly as: string
}

/** The value of the header `Authorization`. @throws ToolError PLN-M013 if nobody has the login or role. */
export async function authorizationOf(project: Project, { model, path, serverUrl, as }: SignInWish): Promise<string> {
  const { identity } = model
  if (identity === null) throw new ToolError('PLN-M013', 'nobody signs in to this design', { fix: 'send as: "anonymous"' })
  const { io } = project
  const settings = readSettings({ ...io.env, NODE_ENV: undefined }, 'development')
  const keys = await loadKeys({ setting: settings.authKeys ?? undefined, mode: 'development', folder: stateFolder(path) })
  const address = settings.publicUrl ?? serverUrl
  return withDatabase(databaseOf({ path }, settings.databaseUrl, io), async ({ url }) => {
    const id = await accountOf(url, { model, identity }, as)
    const executor = openExecutor({ url, connections: 1, statementTimeoutMs: 10_000 })
    try {
      const service = createIdentity({
        model,
        run: executor.run,
        keys,
        issuer: address,
        audience: address,
        now: Date.now,
        observe: () => {},
      })
      return `${identity.token.scheme} ${(await service.startSession(id)).token}`
    } finally {
      await executor.close()
    }
  })
}

async function accountOf(
  url: string,
  { model, identity }: { readonly model: Model; readonly identity: IdentityModel },
  as: string,
): Promise<string> {
  const entity = entityNamed(model, identity.entity)
  const column = (name: string) => ident(fieldNamed(entity, name).column)
  const id = column('id')
  const role = identity.role === null ? sql`false` : sql`${column(identity.role)}::text = ${slot('as', 'text')}`
  const { text, slots } = render(sql`select ${id}::text as id from ${ident(entity.table)}
    where ${column(identity.login)}::text = ${slot('as', 'text')} or ${role}
    order by ${column(identity.login)}::text = ${slot('as', 'text')} desc, ${id} limit 1`)
  const { rows } = await withClient(url, (client) =>
    client.query<{ id: string }>(
      text,
      slots.map(() => as),
    ),
  )
  const [found] = rows
  if (found !== undefined) return found.id
  throw new ToolError('PLN-M013', `no account has the login or the role ${JSON.stringify(as.slice(0, 60))}`, {
    fix: `send as: "anonymous", a login or a role that an account has; plinth grant --create makes one`,
  })
}
