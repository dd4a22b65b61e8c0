/** Hashes the rows of a table as COPY writes them. */

import { createHash } from 'node:crypto'
import type { Connection } from '../../../postgres/connect.ts'
import { copyOut } from '../../../postgres/copy-out.ts'
import type { TableEnd } from './backup-file.ts'
import type { BackupTable } from './backup-tables.ts'

/** Counts and hashes the rows of a table. Two tables with the same hash have the same rows, byte by byte. */
export async function hashRows(client: Connection, { compared }: Pick<BackupTable, 'compared'>): Promise<TableEnd> {
  const hash = createHash('sha256')
  let rows = 0
  await copyOut(client, compared, (lines) => {
    hash.update(lines)
    for (const byte of lines) if (byte === 10) rows++
  })
  return { rows, sha256: hash.digest('hex') }
}
