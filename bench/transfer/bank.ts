/** The bank of the transfer benchmark: its design, its rows, the requests, and what must hold afterwards. */

import { join } from 'node:path'
import { DEFAULT_PASSWORD_OPTIONS, openPasswords } from '../../src/services/identity/passwords/passwords.ts'
import type { Random } from '../../test/support/random.ts'
import { ROOT, type Tree } from '../base/folders.ts'
import type { Query } from '../database/client.ts'
import { PASSWORD } from '../database/data.ts'
import type { Caller, Request } from '../requests/request.ts'

/** The design with the action `transfer`. */
export const BANK: Tree = { root: ROOT, design: join(ROOT, 'test/actions/designs/bank.yaml') }

/** Owners of accounts, each of whom signs in. */
const OWNERS = 32
const BALANCE = 1_000_000
/** Earlier transfers of each account, which leave every balance as it is. */
const EARLIER = 20

/**
 * Fills the empty tables. The same rows have the same ids in every database.
 *
 * Each account has sent a cent to the next one and received one, several times. Without these rows, PostgreSQL would learn that the tables
 * of transfers and entries are empty, and check their foreign keys by reading the whole table until it counts their rows again.
 */
export async function loadBank(query: Query, accounts: number): Promise<void> {
  const password = await openPasswords(DEFAULT_PASSWORD_OPTIONS).hash(PASSWORD)
  await query(
    `insert into customers (id, name, email, password, created_at, updated_at, version)
      select md5('customer ' || i)::uuid, 'Owner ' || i, 'owner' || i || '@example.com', $1, now(), now(), 1
      from generate_series(0, ${OWNERS - 1}) i`,
    [password],
  )
  await query(
    `insert into accounts (id, iban, owner_id, balance, created_at, updated_at, version)
      select md5('account ' || i)::uuid, 'DE00' || lpad(i::text, 18, '0'), md5('customer ' || i % ${OWNERS})::uuid, ${BALANCE}, now(), now(), 1
      from generate_series(0, ${accounts - 1}) i`,
  )
  await query(
    `insert into transfers (id, from_id, to_id, amount, created_at, updated_at, version)
      select md5('transfer ' || r || ' ' || i)::uuid, md5('account ' || i)::uuid, md5('account ' || (i + 1) % ${accounts})::uuid, 0.01, now(), now(), 1
      from generate_series(1, ${EARLIER}) r, generate_series(0, ${accounts - 1}) i`,
  )
  await query(
    `insert into entries (id, transfer_id, account_id, amount, booked_on, created_at, updated_at, version)
      select gen_random_uuid(), t.id, e.account, e.amount, current_date, now(), now(), 1
      from transfers t, lateral (values (t.from_id, -t.amount), (t.to_id, t.amount)) e (account, amount)`,
  )
  await query('vacuum (analyze)')
}

/** The addresses of the owners, for their logins. */
export const OWNER_EMAILS: readonly string[] = Array.from({ length: OWNERS }, (_, i) => `owner${i}@example.com`)

/** Random transfers between different accounts, each sent by the owner of the first. The same random numbers give the same transfers. */
export function transfers(
  owners: readonly Caller[],
  { accounts, many }: { readonly accounts: number; readonly many: number },
  random: Random,
): readonly Request[] {
  const iban = (i: number): string => `DE00${String(i).padStart(18, '0')}`
  return Array.from({ length: many }, () => {
    const from = random.below(accounts)
    const to = (from + 1 + random.below(accounts - 1)) % accounts
    const body = JSON.stringify({ from: iban(from), to: iban(to), amount: '0.01' })
    return { method: 'POST', path: '/api/actions/transfer', token: owners[from % OWNERS]?.token ?? null, body }
  })
}

/** What does not hold after the transfers: nothing when money is neither made nor lost, and every balance is the sum of its entries. */
export async function brokenIn(query: Query, accounts: number): Promise<readonly string[]> {
  const booked = `a.balance = ${BALANCE} + coalesce((select sum(e.amount) from entries e where e.account_id = a.id), 0)`
  const [found] = await query(
    `select sum(balance) = ${accounts * BALANCE} as kept, bool_and(${booked}) as booked,
      (select count(*) from entries) = 2 * (select count(*) from transfers) as both from accounts a`,
  )
  return [
    ...(found?.kept === true ? [] : ['the sum of all balances has changed']),
    ...(found?.booked === true ? [] : ['a balance is not the sum of its entries']),
    ...(found?.both === true ? [] : ['a transfer does not have two entries']),
  ]
}
