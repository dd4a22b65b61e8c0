/** Writes a hand-over to its folder. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'
import { EnvironmentError } from '../../base/environment-error.ts'
import type { DeliveredFile } from '../../deliver/files/delivered-file.ts'
import { accessNearestFolder } from '../terminal/nearest-folder.ts'
import { UsageError } from '../terminal/usage-error.ts'

const SUMS = 'SHA256SUMS'

/**
 * Looks, before anything else is done, whether a hand-over can be written to a folder. Nothing is made yet.
 *
 * @throws UsageError if the folder has other files than those of an earlier hand-over; EnvironmentError if it cannot be written.
 */
export function checkFolder(folder: string): void {
  if (existsSync(folder)) {
    if (!statSync(folder).isDirectory()) throw new UsageError(`${folder} is a file`, 'name another folder: plinth deliver --out delivery')
    if (readdirSync(folder).length > 0 && !existsSync(join(folder, SUMS)))
      throw new UsageError(`${folder} is not empty, and no hand-over`, 'name a new folder: plinth deliver --out delivery')
  }
  try {
    accessNearestFolder(folder)
  } catch (error) {
    throw unwritable(folder, error)
  }
}

/**
 * Writes all files, and removes those of an earlier hand-over that are no longer there. Other files, such as installed packages, stay.
 *
 * @throws EnvironmentError if a file cannot be written.
 */
export function writeHandOver(folder: string, files: readonly DeliveredFile[]): void {
  try {
    const now = new Set(files.map(({ path }) => path))
    for (const path of earlierFiles(folder)) if (!now.has(path)) rmSync(join(folder, path), { force: true })
    rmSync(join(folder, 'handover.json'), { force: true })
    for (const { path, content } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), content)
    }
  } catch (error) {
    throw unwritable(folder, error)
  }
}

/** The files of the earlier hand-over in a folder. Paths that lead out of it are no files of it. */
function earlierFiles(folder: string): readonly string[] {
  const sums = join(folder, SUMS)
  if (!existsSync(sums)) return []
  const paths = readFileSync(sums, 'utf8')
    .split('\n')
    .flatMap((line) => /^[0-9a-f]{64} {2}(.+)$/.exec(line)?.[1] ?? [])
  return paths.filter((path) => !path.startsWith('/') && !normalize(path).split(sep).includes('..'))
}

function unwritable(folder: string, error: unknown): EnvironmentError {
  const why = error instanceof Error ? error.message : String(error)
  return new EnvironmentError(
    `the hand-over cannot be written to ${folder}: ${why}`,
    'name another folder: plinth deliver --out /tmp/delivery',
  )
}
