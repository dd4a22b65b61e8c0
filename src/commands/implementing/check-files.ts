/** Which files a model may write: the code that is asked for, new files beside it, and new tests. */

import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import { insidePath } from '../mcp/state/inside-path.ts'
import { ToolError } from '../mcp/state/tool-error.ts'
import type { MissingCode } from './pieces.ts'
import type { ProposedFile } from './read-answer.ts'

const MOST_FILES = 20
const MOST_CHARACTERS = 100_000
const CODE = /\.[mc]?[jt]s$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: code has none but tabs and line ends
const HIDING = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/
const TEST = /\.test\.m?[jt]s$/

/**
 * What is wrong with the files of an answer, as sentences for the model; none if they may be written.
 *
 * @param root the folder of the project, with its links resolved.
 */
export function fileProblems(files: readonly ProposedFile[], pieces: readonly MissingCode[], root: string): readonly string[] {
  const missing = [...new Set(pieces.map(({ file }) => file))].filter((file) => !files.some(({ path }) => path === file))
  return [
    ...(files.length > MOST_FILES ? [`${files.length} files are too many: at most ${MOST_FILES}`] : []),
    ...files.flatMap((file) => problemOf(file, pieces, root) ?? []),
    ...missing.map((file) => `${file} is missing`),
  ]
}

function problemOf({ path, text }: ProposedFile, pieces: readonly MissingCode[], root: string): string | null {
  const where = outside(path, root)
  if (where !== null) return where
  const isAsked = pieces.some(({ file }) => file === path)
  if (text.length > MOST_CHARACTERS) return `${path} is longer than ${MOST_CHARACTERS} characters`
  if (HIDING.test(text)) return `${path} has characters that hide text, or turn its direction: the difference would not show what is run`
  if (isAsked) return null
  if (posix.normalize(path) !== path || path.split('/').some((part) => part.startsWith('.'))) return `${path} is not a plain path`
  if (existsSync(insidePath(root, path))) return `${path} exists, and is not a file that is asked for: it may not be changed`
  if (TEST.test(path)) return null
  const isBeside = CODE.test(path) && pieces.some(({ file }) => posix.dirname(file) === posix.dirname(path))
  if (!isBeside || /(?:^|\/)design\.[^/]*$|\.d\.[mc]?ts$|\.config\./.test(path))
    return `${path} may not be written: only the files that are asked for, new files of code beside them, and new tests`
  return null
}

/** Why a path is not one of the project; null if it is. */
function outside(path: string, root: string): string | null {
  try {
    insidePath(root, path)
    return null
  } catch (error) {
    if (error instanceof ToolError) return error.message
    throw error
  }
}
