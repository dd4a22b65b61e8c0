/** As which role a backend is seen in its database, and what this role may do that serving does not need. */

import { withClient } from '../../../postgres/connect.ts'
import type { ServedRole } from '../../../verify/report/report-of.ts'

/** The roles of all other sessions of this database, with what they own and may do. */
const SEEN = `
with seen as (
  select distinct r.oid, r.rolname, r.rolsuper, r.rolcreatedb, r.rolcreaterole, r.rolbypassrls, r.rolreplication
  from pg_stat_activity a join pg_roles r on r.oid = a.usesysid
  where a.datname = current_database() and a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
), tables as (
  select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and n.nspname in ('public', 'plinth')
)
select
  (select count(*) from pg_class c where c.relowner = s.oid) + (select count(*) from pg_namespace n where n.nspowner = s.oid)
    + (select count(*) from pg_proc p where p.proowner = s.oid) + (select count(*) from pg_type t where t.typowner = s.oid and t.typtype <> 'c' and t.typelem = 0)
    + (select count(*) from pg_database d where d.datdba = s.oid and d.datname = current_database()) as owns,
  array_remove(array[
    case when s.rolsuper then 'is a superuser' end,
    case when s.rolcreatedb then 'may create databases' end,
    case when s.rolcreaterole then 'may create roles' end,
    case when s.rolbypassrls then 'may pass row security by' end,
    case when s.rolreplication then 'may replicate' end,
    case when exists (select from pg_auth_members m where m.member = s.oid) then 'is a member of other roles' end,
    case when has_database_privilege(s.oid, current_database(), 'create') then 'may create schemas' end,
    case when has_database_privilege(s.oid, current_database(), 'temporary') then 'may create temporary tables' end,
    case when exists (select from pg_namespace n where n.nspname in ('public', 'plinth') and has_schema_privilege(s.oid, n.oid, 'create'))
      then 'may create tables' end,
    case when exists (select from tables t where has_table_privilege(s.oid, t.oid, 'trigger')) then 'may create triggers' end,
    case when to_regclass('plinth.migrations') is not null and has_table_privilege(s.oid, to_regclass('plinth.migrations'), 'insert, update, delete')
      then 'may write the record of migrations' end
  ], null) as powers
from seen s`

/**
 * Looks at the sessions that a backend has in its database. Null if it has none.
 *
 * @param databaseUrl the database, as its owner, who has no other session there.
 */
export async function servedRole(databaseUrl: string): Promise<ServedRole | null> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ owns: string; powers: readonly string[] }>(SEEN)
    if (rows.length === 0) return null
    const owns = rows.reduce((sum, row) => sum + Number(row.owns), 0)
    const powers = [...new Set(rows.flatMap((row) => row.powers))].sort()
    return { ordinary: owns === 0 && powers.length === 0, owns, powers }
  })
}
