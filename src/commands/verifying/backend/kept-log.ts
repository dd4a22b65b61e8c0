/** Keeps what a process writes in a file without a name, however long the run is. */

import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import type { WrittenLog } from '../../../verify/cases/probe.ts'

/** A log that is written. */
export interface KeptLog {
  /** Adds a text. What does not fit any more is lost, and counted. */
  readonly write: (text: string) => void
  readonly read: () => WrittenLog
  readonly close: () => void
}

const MOST_BYTES = 2 * 1024 * 1024 * 1024
const PIECE_BYTES = 1024 * 1024

/** Opens an empty log. @param most how many bytes are kept. */
export function keepLog(most: number = MOST_BYTES): KeptLog {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-log-'))
  const file = openSync(join(folder, 'log'), 'w+', 0o600)
  const discard = (): void => rmSync(folder, { recursive: true, force: true })
  // An open file stays readable without its name, and leaves nothing behind if this process is killed; Windows does not allow it.
  if (process.platform !== 'win32') discard()
  let length = 0
  let lost = 0
  return {
    write(text) {
      const bytes = Buffer.from(text)
      if (length + bytes.length > most || !isWritten(file, bytes, length)) lost += text.length
      else length += bytes.length
    },
    read: () => ({ parts: () => piecesOf(file, length), lost }),
    close() {
      closeSync(file)
      if (process.platform === 'win32') discard()
    },
  }
}

/** Writes bytes at a place of a file; false if the disk does not take them. */
function isWritten(file: number, bytes: Buffer, at: number): boolean {
  try {
    return writeSync(file, bytes, 0, bytes.length, at) === bytes.length
  } catch {
    return false
  }
}

function* piecesOf(file: number, length: number): Generator<string> {
  const decoder = new StringDecoder('utf8')
  const buffer = Buffer.alloc(Math.min(PIECE_BYTES, length))
  for (let at = 0; at < length; ) {
    const read = readSync(file, buffer, 0, Math.min(buffer.length, length - at), at)
    if (read === 0) return
    at += read
    yield decoder.write(buffer.subarray(0, read))
  }
}

/** Several logs as one. */
export function joinedLogs(logs: readonly WrittenLog[]): WrittenLog {
  return {
    *parts() {
      for (const { parts } of logs) {
        yield* parts()
        yield '\n'
      }
    },
    lost: logs.reduce((sum, { lost }) => sum + lost, 0),
  }
}
