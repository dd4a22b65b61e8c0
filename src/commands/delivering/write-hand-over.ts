/** Writes a hand-over to its folder. */

import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
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
    // Other folders may have such digests, of files that are nobody's to delete.
    if (readdirSync(folder).length > 0 && !earlierFiles(folder).includes('handover.json'))
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
 * @throws UsageError if a link in the folder leads elsewhere; EnvironmentError if a file cannot be written.
 */
export function writeHandOver(folder: string, files: readonly DeliveredFile[]): void {
  try {
    const now = new Set(files.map(({ path }) => path))
    const earlier = earlierFiles(folder)
    refuseLinks(folder, [...earlier, ...now])
    for (const path of earlier) if (!now.has(path)) rmSync(join(folder, path), { force: true })
    rmSync(join(folder, 'handover.json'), { force: true })
    for (const { path, content } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), content)
    }
  } catch (error) {
    throw error instanceof UsageError ? error : unwritable(folder, error)
  }
}

/** @throws UsageError for a link on the way to a file: what it leads to is no part of the hand-over. */
function refuseLinks(folder: string, paths: readonly string[]): void {
  const ways = paths.flatMap((path) => path.split('/').map((_, i, names) => names.slice(0, i + 1).join('/')))
  for (const way of new Set(ways))
    if (lstatSync(join(folder, way), { throwIfNoEntry: false })?.isSymbolicLink() === true)
      throw new UsageError(`${join(folder, way)} is a link`, 'remove it, or name a new folder: plinth deliver --out delivery')
}

/** The files of the earlier hand-over in a folder. Paths that lead out of it are no files of it. */
function earlierFiles(folder: string): readonly string[] {
  const sums = join(folder, SUMS)
  if (statSync(sums, { throwIfNoEntry: false })?.isFile() !== true) return []
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
