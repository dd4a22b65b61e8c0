/** Tells the files of the project from those of Node, of packages and of Plinth itself. */

import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of Plinth itself. */
const OWN = fileURLToPath(new URL('../../', import.meta.url))

/**
 * The path of a file, from the location in a stack: a path, or a URL to which a loader may have added parameters. Null if it is no file.
 */
export function pathOfFile(location: string): string | null {
  if (location.startsWith(sep)) return location
  if (!location.startsWith('file:')) return null
  try {
    const url = new URL(location)
    url.search = ''
    return fileURLToPath(url)
  } catch {
    return null
  }
}

/** Whether a path belongs to Plinth itself. */
export function isOfPlinth(path: string): boolean {
  return path.startsWith(OWN)
}

/** Whether a path belongs to the project: neither to Plinth nor to a package. */
export function isOfProject(path: string): boolean {
  return !isOfPlinth(path) && !path.includes(`${sep}node_modules${sep}`)
}
