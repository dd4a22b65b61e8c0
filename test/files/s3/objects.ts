/** The objects and uploads of an S3 server of the tests, in a folder. */

import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** All parts of an object but the last one have at least so many bytes (5 MB), as S3 has it. */
const LEAST_BYTES = 5 * 1024 ** 2

/** An upload in parts that has begun and not ended. */
export interface StartedUpload {
  readonly key: string
  readonly id: string
}

export interface Objects {
  readonly put: (key: string, bytes: Buffer) => Promise<string>
  /** Null for an object that is not there. */
  readonly size: (key: string) => Promise<number | null>
  readonly read: (key: string, part: { readonly start: number; readonly end: number }) => Readable
  readonly delete: (key: string) => Promise<void>
  readonly list: (prefix: string) => Promise<readonly string[]>
  readonly begin: (key: string) => Promise<string>
  /** The code of a refusal, or the ETag of the part in quotes. */
  readonly part: (upload: StartedUpload, part: { readonly number: number; readonly bytes: Buffer }) => Promise<string>
  readonly complete: (upload: StartedUpload, parts: readonly { readonly number: number; readonly tag: string }[]) => Promise<string>
  readonly abort: (upload: StartedUpload) => Promise<boolean>
  readonly uploads: (prefix: string) => readonly StartedUpload[]
}

/** Keeps objects in a folder. */
export async function openObjects(folder: string): Promise<Objects> {
  await Promise.all(['objects', 'parts'].map((name) => mkdir(join(folder, name), { recursive: true })))
  const pathOf = (key: string): string => join(folder, 'objects', encodeURIComponent(key))
  const started = new Map<string, { readonly key: string; readonly parts: Map<number, { readonly tag: string; readonly size: number }> }>()
  const partPath = (id: string, number: number): string => join(folder, 'parts', `${id}-${number}`)
  const find = ({ key, id }: StartedUpload) => (started.get(id)?.key === key ? started.get(id) : undefined)
  const end = async (id: string): Promise<void> => {
    for (const number of started.get(id)?.parts.keys() ?? []) await rm(partPath(id, number), { force: true })
    started.delete(id)
  }
  return {
    async put(key, bytes) {
      await writeFile(`${pathOf(key)}~`, bytes)
      await rename(`${pathOf(key)}~`, pathOf(key))
      return tagOf(bytes)
    },
    size: (key) =>
      stat(pathOf(key)).then(
        ({ size }) => size,
        () => null,
      ),
    read: (key, { start, end: last }) => createReadStream(pathOf(key), { start, end: last }),
    delete: (key) => rm(pathOf(key), { force: true }),
    async list(prefix) {
      const names = (await readdir(join(folder, 'objects'))).filter((name) => !name.endsWith('~')).map(decodeURIComponent)
      return names.filter((name) => name.startsWith(prefix)).sort()
    },
    async begin(key) {
      const id = randomUUID()
      started.set(id, { key, parts: new Map() })
      return id
    },
    async part(upload, { number, bytes }) {
      const found = find(upload)
      if (found === undefined) return 'NoSuchUpload'
      await writeFile(partPath(upload.id, number), bytes)
      found.parts.set(number, { tag: tagOf(bytes), size: bytes.length })
      return tagOf(bytes)
    },
    async complete(upload, parts) {
      const found = find(upload)
      if (found === undefined) return 'NoSuchUpload'
      const known = parts.map(({ number, tag }, i) => {
        const part = found.parts.get(number)
        if (part === undefined || part.tag !== tag || number !== i + 1) return 'InvalidPart'
        return i < parts.length - 1 && part.size < LEAST_BYTES ? 'EntityTooSmall' : null
      })
      const refused = known.find((one) => one !== null)
      if (refused !== undefined || parts.length === 0) return refused ?? 'MalformedXML'
      const whole = `${pathOf(upload.key)}~`
      await rm(whole, { force: true })
      for (const { number } of parts)
        await pipeline(createReadStream(partPath(upload.id, number)), createWriteStream(whole, { flags: 'a' }))
      await rename(whole, pathOf(upload.key))
      await end(upload.id)
      return `"${parts.length}-parts"`
    },
    async abort(upload) {
      if (find(upload) === undefined) return false
      await end(upload.id)
      return true
    },
    uploads: (prefix) => [...started].flatMap(([id, { key }]) => (key.startsWith(prefix) ? [{ id, key }] : [])),
  }
}

function tagOf(bytes: Buffer): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`
}
