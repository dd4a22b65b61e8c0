/** The database of the bank, read and written without access rules. */

import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { type Account, CALLERS, GROUPS, idOf, SEEDED, SLOW, type World } from './bank.ts'

/** Restores the rows before each schedule. */
export async function reset(client: pg.Client): Promise<void> {
  const accounts = [...SEEDED.accounts.values()].map((a) => {
    const owner = idOf(`b${CALLERS.indexOf(a.owner)}`)
    return `('${idOf(a.name)}', '${a.name}', ${a.code === null ? 'null' : `'${a.code}'`}, ${a.balance}, ${a.open}, ${a.frozen}, '${owner}')`
  })
  await client.query(
    `begin; delete from slots; delete from lines; delete from accounts; delete from groups;
    insert into accounts (id, name, code, balance, open, frozen, owner_id) values ${accounts.join(', ')};
    insert into lines (name, account_id) values ('l0', '${idOf('a0')}');
    insert into groups (id, name) values ${GROUPS.map((g) => `('${idOf(g)}', '${g}')`).join(', ')};
    insert into slots (name, group_id) values ('s0', '${idOf('g0')}'); commit`,
  )
}

/**
 * The state of the database, read after the backend's connections are idle. A killed connection may end a moment after its caller gets the
 * error.
 */
export async function read(client: pg.Client): Promise<World> {
  const busy =
    "select 1 from pg_stat_activity where datname = current_database() and application_name = 'plinth' and (state <> 'idle' or backend_xid is not null)"
  while ((await client.query(busy)).rowCount !== 0) await sleep(1)
  const accounts = await client.query(
    'select name, code, balance::int, open, frozen, version::int, right(owner_id::text, 1) as owner from accounts',
  )
  const lines = await client.query('select l.name, a.name as account from lines l join accounts a on a.id = l.account_id')
  const slots = await client.query('select s.name, g.name as "group" from slots s join groups g on g.id = s.group_id')
  return {
    slow: null,
    accounts: new Map(accounts.rows.map((row): [string, Account] => [row.name, { ...row, owner: CALLERS[Number(row.owner)] ?? 'nobody' }])),
    lines: new Map(lines.rows.map((row): [string, string] => [row.name, row.account])),
    slots: new Map(slots.rows.map((row): [string, string] => [row.name, row.group])),
  }
}

/** Makes every write that gives an account the balance `SLOW` take ten seconds. */
export async function slowDown(client: pg.Client): Promise<void> {
  await client.query(
    `create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(10); return new; end $$;
    create trigger dawdle before insert or update on accounts for each row when (new.balance = ${SLOW}) execute function dawdle()`,
  )
}

/** After each pause, ends one of the backend's connections, preferably a busy one. */
export async function killSome(client: pg.Client, pauses: readonly number[]): Promise<void> {
  for (const ms of pauses) {
    await sleep(ms)
    await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'plinth' order by state = 'active' desc, random() limit 1",
    )
  }
}
