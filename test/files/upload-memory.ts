/** Sends a large file to a server in another process, and reads how much memory that process has taken. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { modelFrom } from '../support/backend.ts'
import { migratedDatabase } from '../support/database.ts'

/** A design whose files may be very large. */
export const ARCHIVE = {
  name: 'archive',
  entities: {
    Box: {
      fields: { content: { type: 'file', optional: true, max: '4GB' } },
      access: { create: 'true', read: 'true', update: 'true', delete: 'true' },
    },
  },
}

/** What was seen. */
export interface UploadFigures {
  readonly status: number
  readonly seconds: number
  /** The most memory during the upload, less that before it, in units of 1024 times 1024 bytes. */
  readonly grownMegabytes: number
}

/** Starts a server, sends a small file and then a large one, and ends the server. */
export async function uploadFigures(megabytes: number): Promise<UploadFigures> {
  const database = await migratedDatabase(modelFrom(ARCHIVE))
  const folder = await mkdtemp(join(tmpdir(), 'plinth-files-'))
  const child = spawn(process.execPath, ['--conditions=source', join(import.meta.dirname, 'upload-server.ts'), database.url, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const base = line.toString().trim()
    const created = await fetch(`${base}/api/boxes`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
    const { id } = (await created.json()) as { readonly id: string }
    const url = `${base}/api/boxes/${id}/content`
    for (let i = 0; i < 3; i++) await sendBytes(url, 16)
    const before = await memoryOf(child.pid, 'VmRSS')
    // From here on, the peak is that of the upload (proc(5)).
    await writeFile(`/proc/${child.pid}/clear_refs`, '5')
    const began = performance.now()
    const status = await sendBytes(url, megabytes)
    const seconds = Math.round((performance.now() - began) / 100) / 10
    const peak = await memoryOf(child.pid, 'VmHWM')
    return { status, seconds, grownMegabytes: Math.round(peak - before) }
  } finally {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function memoryOf(pid: number | undefined, what: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024
}

/** Sends so many megabytes in chunks, as fast as they are taken; resolves with the status of the answer. */
async function sendBytes(url: string, megabytes: number): Promise<number> {
  const chunk = Buffer.alloc(1024 * 1024, 1)
  const headers = { 'content-type': 'application/octet-stream', 'content-length': megabytes * chunk.length }
  const sending = request(url, { method: 'PUT', headers })
  const answered = once(sending, 'response')
  for (let i = 0; i < megabytes; i++) if (!sending.write(chunk)) await once(sending, 'drain')
  sending.end()
  const [response] = (await answered) as [import('node:http').IncomingMessage]
  response.resume()
  await once(response, 'end')
  return response.statusCode ?? 0
}
