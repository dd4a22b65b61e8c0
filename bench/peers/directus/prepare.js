/** Makes Directus' own tables in the database of the blog, and registers there the blog's tables, users and rules. */

import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import roles from './roles.json' with { type: 'json' }
import { access, collections, fields, permissions, policies } from './rules.js'
import { settings } from './settings.js'

const command = fileURLToPath(import.meta.resolve('@directus/api/cli/run.js'))
await promisify(execFile)(process.execPath, [command, 'bootstrap', '--skipAdminInit'], { env: { ...process.env, ...settings } })

const client = new pg.Client({ connectionString: process.env.DATABASE_URL })
await client.connect()

const rows = {
  directus_roles: Object.entries(roles).map(([name, id]) => ({ id, name })),
  directus_policies: policies,
  directus_access: access.map((row) => ({ id: randomUUID(), ...row })),
  directus_permissions: permissions,
  directus_collections: collections,
  directus_fields: fields,
}
for (const [table, all] of Object.entries(rows)) {
  for (const row of all) {
    const columns = Object.keys(row)
    const places = columns.map((_, i) => `$${i + 1}`)
    await client.query(`insert into public.${table} (${columns.map((name) => `"${name}"`)}) values (${places})`, Object.values(row))
  }
}
// Directus gets the users of the blog with the same ids, so that its rules can compare authors.
await client.query(
  `insert into public.directus_users (id, email, role, status)
    select id, email, case role when 'user' then $1::uuid else $2::uuid end, 'active' from users`,
  [roles.user, roles.moderator],
)
// Autovacuum is off, so that during a run only the servers use the processors.
await client.query('analyze public.directus_users; alter table public.directus_users set (autovacuum_enabled = false)')
await client.end()
