/** The file `postmaster.pid` of a data folder. */

import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Address } from './event.ts'

/** The content of `postmaster.pid`. Source: PostgreSQL's miscadmin.h (LOCK_FILE_LINE_*). */
export interface PidFile {
  readonly pid: number
  readonly address: Address
  readonly status: 'starting' | 'ready' | 'standby' | 'stopping' | 'unknown'
}

/** A process id that no process of a supported system can have. PostgreSQL requires a positive 32-bit integer. */
const DEAD_PID = 2_147_483_646

const STATUSES = ['starting', 'ready', 'standby', 'stopping'] as const

/** Parses the text of `postmaster.pid`; undefined when it has no process id (an empty or incomplete file). */
export function parsePidFile(text: string): PidFile | undefined {
  const lines = text.split('\n').map((line) => line.trim())
  const pid = Math.abs(Number(lines[0]))
  if (!Number.isInteger(pid) || pid === 0) return undefined
  const port = Number(lines[3] ?? 0)
  const folder = lines[4] ?? ''
  return {
    pid,
    address: folder === '' ? { kind: 'loopback', port } : { kind: 'socket', folder, port },
    status: STATUSES.find((status) => status === lines[7]) ?? 'unknown',
  }
}

/** Reads `postmaster.pid` of a data folder; undefined when the file is absent or has no process id. */
export async function readPidFile(data: string): Promise<PidFile | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  return parsePidFile(text)
}

/**
 * Makes a stale `postmaster.pid` harmless. PostgreSQL refuses to start while any process of its user has the recorded id, even an unrelated
 * process that later got the same id. Only the id is replaced. The shared memory key in the file must stay, because PostgreSQL uses it to
 * detect backends that survived their postmaster.
 */
export async function disarmPidFile(data: string): Promise<void> {
  const path = join(data, 'postmaster.pid')
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return
  if (parsePidFile(text) === undefined) return rm(path, { force: true })
  await writeFile(path, text.replace(/^.*$/m, String(DEAD_PID)))
}
