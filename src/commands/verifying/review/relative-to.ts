/** Paths of files of a project. */

import { relative, sep } from 'node:path'

/** A path relative to the folder of the design, with `/`. */
export function relativeTo(folder: string, path: string): string {
  return relative(folder, path).replaceAll(sep, '/')
}
