/** Removes the bytes of files that no row has any more, and of uploads that no row has taken in time. */

import { ident, slot, sql } from '../../base/sql/sql.ts'
import type { Run, Statement } from '../../base/sql/statement.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import { FILES_TABLE, SYSTEM_SCHEMA } from '../../model/database.ts'
import type { FileStorage } from './storage.ts'

/** Files that one process removes at a time. */
const BATCH = 50

const TABLE = ident(SYSTEM_SCHEMA, FILES_TABLE)

/** A process that ends in between leaves its files to another one, after five minutes. */
const TAKE: Statement = {
  name: 'files.take',
  sql: sql`update ${TABLE} set state = 'deleting', due = now() + interval '5 minutes', ticket = null where key = any (array(
      select f.key from ${TABLE} f where f.due <= now() order by f.due limit ${slot('most', 'integer')} for update skip locked))
    returning key`,
}

const FORGET: Statement = {
  name: 'files.forget',
  sql: sql`delete from ${TABLE} where state = 'deleting' and key = any (${slot('keys', 'uuid[]')})`,
}

/**
 * Removes at most 50 files, first their bytes and then their rows. Several processes may sweep at the same time.
 *
 * @returns how many there were.
 * @throws StorageError when the storage fails; what it has not removed is tried again later.
 */
export async function sweepFiles(run: Run, storage: FileStorage): Promise<number> {
  const taken = (await run(TAKE, { most: BATCH })).map(([key]) => key ?? '')
  if (taken.length === 0) return 0
  const removed: string[] = []
  let failure: unknown
  for (const key of taken) {
    try {
      await storage.remove(key)
      removed.push(key)
    } catch (error) {
      failure = error
    }
  }
  await run(FORGET, { keys: arrayLiteral(removed) })
  if (failure !== undefined) throw failure
  return taken.length
}
