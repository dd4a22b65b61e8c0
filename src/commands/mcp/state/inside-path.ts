/** The files that tools may read and write: those under the folder that the server was started for, and no others. */

import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { ToolError } from './tool-error.ts'

/** The most bytes of a file that a tool reads. */
export const MAX_BYTES = 1_000_000
const LONGEST_PATH = 500

/** Folders with files of others: of git, of packages, and of Plinth itself. */
const CLOSED: ReadonlySet<string> = new Set(['.git', '.plinth', 'node_modules'])
// biome-ignore lint/suspicious/noControlCharactersInRegex: paths may not hold them
const STRANGE = /[\u0000-\u001f\u007f\\:]/
const DEVICES = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i

/**
 * The absolute path of a file below `root`, which need not exist. Links are followed as far as the path exists, and must stay inside.
 *
 * @param root the folder, with its links resolved.
 * @throws ToolError PLN-M002.
 */
export function insidePath(root: string, given: string): string {
  const refuse = (why: string): ToolError =>
    new ToolError('PLN-M002', `${JSON.stringify(given.slice(0, 80))} ${why}`, { fix: 'name a file below the folder, such as design.yaml' })
  if (given === '' || given.length > LONGEST_PATH) throw refuse(given === '' ? 'is no path' : 'is too long for a path')
  if (STRANGE.test(given)) throw refuse('has a character that paths of this server do not have')
  if (isAbsolute(given)) throw refuse('is absolute')
  const parts = given.split('/')
  if (parts.includes('..')) throw refuse('leads upwards')
  const closed = parts.find((part) => CLOSED.has(part.toLowerCase()) || DEVICES.test(part))
  if (closed !== undefined) throw refuse(`is in ${closed}, which no tool reads`)
  const path = resolve(root, given)
  if (path === root || !isBelow(existing(path), root)) throw refuse('leads outside the folder')
  return path
}

/** The path with its links resolved, as far as it exists. */
function existing(path: string): string {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined)
    return dirname(path) === path ? path : join(existing(dirname(path)), path.slice(dirname(path).length + 1))
  try {
    return realpathSync(path)
  } catch {
    // A link that leads nowhere, or in a circle.
    return sep
  }
}

function isBelow(path: string, root: string): boolean {
  const way = relative(root, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/**
 * Reads a file below `root` as text. It is opened once, without following a last link, and judged while it is open.
 *
 * @throws ToolError PLN-M002 for a path outside and for what is no ordinary file; PLN-M010 if there is none.
 */
export function readInside(root: string, given: string): string {
  const path = insidePath(root, given)
  const refuse = (why: string): ToolError => new ToolError('PLN-M002', `${given} ${why}`, { fix: 'name a text file of the project' })
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined)
    throw new ToolError('PLN-M010', `there is no file ${given}`, { fix: 'name a file that exists, or send the text of the design' })
  // Without NONBLOCK, opening a pipe would wait for its other end.
  const file = openSync(realpathSync(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(file)
    if (!stat.isFile()) throw refuse('is no ordinary file')
    if (stat.nlink > 1) throw refuse('has a second name, which may be outside the folder')
    if (stat.size > MAX_BYTES) throw refuse(`has ${stat.size} bytes; at most ${MAX_BYTES} are read`)
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (error) {
    if (error instanceof TypeError) throw refuse('is not UTF-8')
    throw error
  } finally {
    closeSync(file)
  }
}
