/** The roles of the database, and its backup, as files that a DBA reads and runs. */

import { servingPrivileges } from '../../postgres/schema/serving-privileges.ts'
import type { DeliveredFile } from '../files/delivered-file.ts'
import type { Deployed } from './deployed.ts'

const FOLDER = 'deploy/database'
/** What the serving role may do. */
export const ROLES_SQL = `${FOLDER}/roles.sql`
/** The serving role itself, for an image of PostgreSQL that begins with an empty volume. */
export const SERVING_ROLE_SQL = `${FOLDER}/serving-role.sql`

/** The files: the serving role and what it may do, a backup, and its restoration. */
export function databaseFiles({ model: { name } }: Deployed): readonly DeliveredFile[] {
  return [
    { path: ROLES_SQL, content: rolesSql(name) },
    { path: SERVING_ROLE_SQL, content: servingRoleSql(name) },
    {
      path: `${FOLDER}/backup.sh`,
      content: script(
        'Writes a backup of the whole database: sh deploy/database/backup.sh backup.dump. DATABASE_URL names the role that owns the tables.',
        // Only who makes the backup may read it.
        'umask 077\npg_dump --format=custom --file="$1" "$DATABASE_URL"',
      ),
    },
    {
      path: `${FOLDER}/restore.sh`,
      content: script(
        'Replaces what is in the database by a backup: sh deploy/database/restore.sh backup.dump. Stop all instances first.',
        'pg_restore --clean --if-exists --single-transaction --exit-on-error --dbname="$DATABASE_URL" "$1"',
      ),
    },
  ]
}

function script(about: string, command: string): string {
  return `#!/bin/sh\n# ${about}\nset -eu\n${command}\n`
}

function servingRoleSql(name: string): string {
  return `-- Compose runs this once, with psql, when the database is new: the role that serves, which owns nothing. roles.sql says what it may do.
\\getenv password SERVING_PASSWORD
create role "${name}" login password :'password';
`
}

function rolesSql(name: string): string {
  const [owner, role] = [`"${name}_owner"`, `"${name}"`]
  const later = [
    `in schema public grant select, insert, update, delete on tables to ${role}`,
    `in schema plinth grant select, insert, update, delete, truncate on tables to ${role}`,
    `in schema public, plinth grant usage on sequences to ${role}`,
  ]
  return [
    `-- The roles of ${name}. ${name}_owner owns the tables and migrates; ${name} serves, and can create, alter and drop nothing.`,
    '-- As a superuser, before the first migration:',
    `--   create role ${owner} login password '…';`,
    `--   create role ${role} login password '…';`,
    `--   create database "${name}" owner ${owner};`,
    '-- After the first migration, in that database: all below. Later tables have the same privileges by themselves.',
    '',
    ...servingPrivileges(name).map((sql) => `${sql};`),
    ...later.map((sql) => `alter default privileges for role ${owner} ${sql};`),
    '',
  ].join('\n')
}
