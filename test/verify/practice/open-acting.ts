/** Opens the requests of a stage. */

import { withClient } from '../../../src/postgres/connect.ts'
import type { Stage } from '../../../src/verify/run/stage.ts'
import { type Acting, newEmail, registration } from './acting.ts'

/** Opens the requests of a stage. */
export function actingOn({ ask, databaseUrl, tokenFor }: Stage): Acting {
  const rows: Acting['rows'] = (statement, values = []) =>
    withClient(databaseUrl, async (client) => (await client.query<Record<string, unknown>>(statement, [...values])).rows)
  return {
    rows,
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
