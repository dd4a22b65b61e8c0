/** Sends a large file to a server in another process and reads it again, and reads how much memory that process has taken. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { modelFrom } from '../support/backend.ts'
import { migratedDatabase } from '../support/database.ts'
import { BUCKET } from './s3/server.ts'
import { KEY, REGION } from './s3/signature.ts'
import type { Kind } from './storages.ts'

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

/** What was seen of one transfer. */
export interface TransferFigures {
  readonly status: number
  readonly seconds: number
  /** The most memory during the transfer, less that before it, in units of 1024 times 1024 bytes. */
  readonly grownMegabytes: number
}

/** The most that the memory may grow, in megabytes. Chunks are freed when they are stored or sent; V8 would leave 64 MB of them. */
export const MOST_GROWN = 60

/** How a file is sent: as the body, or in a form. */
export type Form = 'body' | 'multipart'

/** What was seen of an upload, and of a download of the same file. */
export interface UploadFigures {
  readonly upload: TransferFigures
  readonly download: TransferFigures
}

/** Starts a server, sends small files and then a large one, reads it, and ends the server. */
export async function uploadFigures({ megabytes, kind, form }: { megabytes: number; kind: Kind; form: Form }): Promise<UploadFigures> {
  const database = await migratedDatabase(modelFrom(ARCHIVE))
  const folder = await mkdtemp(join(tmpdir(), 'plinth-files-'))
  const children: ChildProcess[] = []
  /** Starts a process that prints its address. */
  const start = async (script: string, given: string, env: Readonly<Record<string, string>>): Promise<{ url: string; pid: number }> => {
    const child = spawn(process.execPath, ['--conditions=source', join(import.meta.dirname, script), given], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    })
    children.push(child)
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    return { url: line.toString().trim(), pid: child.pid ?? 0 }
  }
  try {
    const environment = kind === 'disk' ? { FILES: folder } : bucketAt((await start('s3/run.ts', folder, {})).url)
    const server = await start('upload-server.ts', database.url, environment)
    const created = await fetch(`${server.url}/api/boxes`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
    const { id } = (await created.json()) as { readonly id: string }
    const url = `${server.url}/api/boxes/${id}/content`
    for (let i = 0; i < 3; i++) {
      await sendBytes(url, { megabytes: 1, form })
      await readBytes(url)
    }
    const upload = await measured(server.pid, () => sendBytes(url, { megabytes, form }))
    const download = await measured(server.pid, () => readBytes(url, megabytes))
    return { upload, download }
  } finally {
    for (const child of children) {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  }
}

function bucketAt(url: string) {
  return {
    ...{ FILES: `s3://${BUCKET}/figures`, FILES_ENDPOINT: url, FILES_REGION: REGION },
    ...{ FILES_ACCESS_KEY: KEY.id, FILES_SECRET_KEY: KEY.secret },
  }
}

/** The memory is read every 20 ms; the peak that the system keeps (proc(5)) counts too, where it keeps one. */
async function measured(pid: number, transfer: () => Promise<number>): Promise<TransferFigures> {
  const before = await memoryOf(pid, 'VmRSS')
  await writeFile(`/proc/${pid}/clear_refs`, '5')
  let peak = before
  let isOver = false
  const watching = (async () => {
    for (; !isOver; await wait(20)) peak = Math.max(peak, await memoryOf(pid, 'VmRSS'))
  })()
  const began = performance.now()
  const status = await transfer()
  const seconds = Math.round((performance.now() - began) / 100) / 10
  isOver = true
  await watching
  return { status, seconds, grownMegabytes: Math.round(Math.max(peak, await memoryOf(pid, 'VmHWM')) - before) }
}

async function memoryOf(pid: number, what: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024
}

const MEGABYTE = 1024 * 1024

/** Sends so many megabytes in chunks, as fast as they are taken; resolves with the status of the answer. */
async function sendBytes(url: string, { megabytes, form }: { megabytes: number; form: Form }): Promise<number> {
  const chunk = Buffer.alloc(MEGABYTE, 1)
  const [head, end] =
    form === 'body' ? ['', ''] : ['--b\r\ncontent-disposition: form-data; name="file"; filename="x.bin"\r\n\r\n', '\r\n--b--\r\n']
  const type = form === 'body' ? 'application/octet-stream' : 'multipart/form-data; boundary=b'
  const headers = { 'content-type': type, 'content-length': head.length + megabytes * MEGABYTE + end.length }
  const sending = request(url, { method: 'PUT', headers })
  const answered = once(sending, 'response')
  sending.write(head)
  for (let i = 0; i < megabytes; i++) if (!sending.write(chunk)) await once(sending, 'drain')
  sending.end(end)
  const [response] = (await answered) as [import('node:http').IncomingMessage]
  response.resume()
  await once(response, 'end')
  return response.statusCode ?? 0
}

/** Reads a file; resolves with the status, or with 0 if it does not have so many megabytes. */
async function readBytes(url: string, megabytes?: number): Promise<number> {
  const sending = request(url)
  sending.end()
  const [response] = (await once(sending, 'response')) as [import('node:http').IncomingMessage]
  let bytes = 0
  for await (const chunk of response) bytes += (chunk as Buffer).length
  return megabytes === undefined || bytes === megabytes * MEGABYTE ? (response.statusCode ?? 0) : 0
}
