/** Secrets of a project in development, which the first start makes. */

import { randomUUID } from 'node:crypto'
import { chmod, link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EnvironmentError } from '../base/environment-error.ts'

/**
 * The text of a file, which is made if it is missing, with mode 0600. When several processes start at once, one makes the file and all use
 * it.
 *
 * @throws EnvironmentError for a file that can neither be read nor made.
 */
export async function readOrMake(file: string, make: () => string): Promise<string> {
  try {
    return (await readIfThere(file)) ?? (await makeFile(file, make()))
  } catch (error) {
    throw unusable(file, error)
  }
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    const text = await readFile(file, 'utf8')
    await chmod(file, 0o600)
    return text
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    throw error
  }
}

async function makeFile(file: string, text: string): Promise<string> {
  const draft = `${file}.${randomUUID()}`
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' })
    // The link creates the complete file, or fails because another process has made the file. So no process reads an incomplete file, and
    // the first file stays.
    await link(draft, file).catch((error: unknown) => {
      if (!isCode(error, 'EEXIST')) throw error
    })
    return await readFile(file, 'utf8')
  } finally {
    await unlink(draft).catch(() => {})
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function unusable(file: string, error: unknown): EnvironmentError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  return new EnvironmentError(`${file} cannot be used (${code})`, 'make the folder readable and writable for the user that runs Plinth', {
    cause: error,
  })
}
