/** Opens the requests of a stage. */

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Environment } from '../../../src/commands/terminal/environment.ts'
import { withClient } from '../../../src/postgres/connect.ts'
import type { Stage } from '../../../src/verify/run/stage.ts'
import { type Acting, newEmail, registration } from './acting.ts'

const execute = promisify(execFile)
const SOURCE = pathToFileURL(join(import.meta.dirname, '../../../src/')).href

/** Opens the requests of a stage. @param env of processes that load the code of the stage. */
export function actingOn({ ask, databaseUrl, tokenFor }: Stage, env: Environment): Acting {
  const rows: Acting['rows'] = (statement, values = []) =>
    withClient(databaseUrl, async (client) => (await client.query<Record<string, unknown>>(statement, [...values])).rows)
  return {
    rows,
    async run(module) {
      const src = `const src = (file) => import(${JSON.stringify(SOURCE)} + file)`
      const { stdout } = await execute(process.execPath, ['--conditions=source', '--input-type=module', '--eval', `${src}\n${module}`], {
        env: { ...env },
        timeout: 60_000,
      })
      return stdout.trim()
    },
    tokenFor,
    ask: (method, url, { as, body, headers } = {}) =>
      ask({
        method,
        url,
        token: as?.token ?? null,
        ...(body === undefined ? {} : { body }),
        ...(headers === undefined ? {} : { headers }),
      }),
    async account(role) {
      const email = newEmail()
      const answer = await ask({ method: 'POST', url: '/api/auth/register', token: null, body: registration(email) })
      if (answer.status !== 201) throw new Error(`nobody can register: ${answer.status} ${answer.text.slice(0, 300)}`)
      const [found] = await rows('select id::text as id from users where email = $1', [email])
      const id = String(found?.id)
      if (role !== undefined) await rows('update users set role = $1 where id = $2', [role, id])
      return { id, email, token: await tokenFor(id) }
    },
  }
}
