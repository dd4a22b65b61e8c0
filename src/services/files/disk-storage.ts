/**
 * Files on the disk: a folder for each key, below a folder for the last two digits of the key. A file is written under another name, synced
 * to the disk, and then renamed, so that a name is either complete or not there (rename(2) is atomic).
 */

import { randomBytes } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EnvironmentError } from '../../base/environment-error.ts'
import { type FileStorage, requireName, StorageError, type StoredName } from './storage.ts'

/** Opens the storage in a folder, which `check` makes. */
export function openDiskStorage(folder: string): FileStorage {
  const folderOf = (key: string): string => join(folder, key.slice(-2), key)
  const pathOf = (name: StoredName): string => {
    requireName(name)
    return join(folderOf(name.key), name.form)
  }
  return {
    write: (name, source) => writeTo({ folder: folderOf(name.key), path: pathOf(name) }, source),
    async read(name, range) {
      const file = await whenThere(() => open(pathOf(name), 'r'))
      if (file === null) return null
      return file.createReadStream(range === null ? {} : { start: range.first, end: range.last })
    },
    async remove(key) {
      requireName({ key, form: 'file' })
      await failing(rm(folderOf(key), { recursive: true, force: true }))
    },
    async check() {
      const probe = join(folder, `.probe-${randomBytes(8).toString('hex')}`)
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await writeFile(probe, '')
        await unlink(probe)
      } catch (cause) {
        const { code = '' } = cause as NodeJS.ErrnoException
        throw new EnvironmentError(`files cannot be stored in ${folder} (${code})`, 'set FILES to a folder that this user may write to', {
          cause,
        })
      }
    },
    close() {},
  }
}

interface Target {
  readonly folder: string
  readonly path: string
}

async function writeTo({ folder, path }: Target, source: AsyncIterable<Buffer>): Promise<void> {
  const partial = `${path}.${randomBytes(8).toString('hex')}.part`
  await failing(mkdir(folder, { recursive: true, mode: 0o700 }))
  const file = await failing(open(partial, 'wx', 0o600))
  try {
    await writeAll(file, source)
    await failing(file.sync())
    await file.close()
    await failing(rename(partial, path))
    await syncFolder(folder)
    // A new folder is durable when the folder that it is in is synced: that of the last digits, and that of all files.
    await syncFolder(dirname(folder))
    await syncFolder(dirname(dirname(folder)))
  } catch (error) {
    await file.close().catch(() => {})
    await unlink(partial).catch(() => {})
    throw error
  }
}

/** One chunk is in memory at a time: the next one is taken when the last one is written. */
async function writeAll(file: FileHandle, source: AsyncIterable<Buffer>): Promise<void> {
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) at += (await failing(file.write(chunk, at))).bytesWritten
  }
}

/** Makes the new name durable. Not every system can sync a folder. */
async function syncFolder(folder: string): Promise<void> {
  const opened = await open(folder, 'r').catch(() => null)
  if (opened === null) return
  await opened.sync().catch(() => {})
  await opened.close()
}

async function whenThere<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw storageError(error)
  }
}

function failing<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw storageError(error)
  })
}

function storageError(cause: unknown): StorageError {
  const { code = '', message } = cause as NodeJS.ErrnoException
  return new StorageError(`disk: ${code} ${message}`, { cause, full: code === 'ENOSPC' || code === 'EDQUOT' })
}
