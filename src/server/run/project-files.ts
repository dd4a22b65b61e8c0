/** Tells the files of the project from those of Node, of packages and of Plinth itself. */

import { relative, sep } from 'node:path'
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

/**
 * The file, relative to the working directory, with line and column of the innermost frame in code of the project: neither of Node, nor of
 * a package, nor of Plinth. Null without such a frame.
 */
export function placeInProject(error: Error): string | null {
  for (const line of (typeof error.stack === 'string' ? error.stack : '').split('\n')) {
    const frame = /(?:\(|at (?:async )?)((?:file:\/\/)?\/[^()]*?):(\d+):(\d+)\)?$/.exec(line)
    const path = frame?.[1] === undefined ? null : pathOfFile(frame[1])
    if (path !== null && isOfProject(path)) return `${relative('', path)}:${frame?.[2]}:${frame?.[3]}`
  }
  return null
}
