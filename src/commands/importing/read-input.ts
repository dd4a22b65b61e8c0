/** Reads the file that is imported. */

import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, relative, resolve } from 'node:path'
import { MAX_IMPORT_BYTES, type SourceText } from '../../import/text/source-file.ts'
import { UsageError } from '../terminal/usage-error.ts'
import { nameOfPath } from './design-name.ts'

/** The text of a file. @throws UsageError for a file that is not there, is too large, or holds no text. */
export function readImportFile(path: string, cwd: string): SourceText {
  const full = resolve(cwd, path)
  const stat = statSync(full, { throwIfNoEntry: false })
  if (stat === undefined) throw new UsageError(`there is no file ${JSON.stringify(path)}`, 'plinth import <path> --out <design>')
  if (!stat.isFile()) throw new UsageError(`${JSON.stringify(path)} is no file`, 'name one file; put several into one first')
  if (stat.size > MAX_IMPORT_BYTES)
    throw new UsageError(
      `${JSON.stringify(path)} has ${stat.size} bytes; at most ${MAX_IMPORT_BYTES} are read`,
      'import the schema without its rows, or in parts',
    )
  const file = (relative(cwd, full) || path).replaceAll('\\', '/')
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(full))
    if (!text.includes('\u0000')) return { file, text: text.replaceAll('\r\n', '\n'), line: 1 }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
  }
  throw new UsageError(`${JSON.stringify(path)} holds no text in UTF-8`, 'save it as UTF-8')
}

/** Names of files that say nothing about what is in them. */
const GENERIC =
  /^(?:schema|dump|structure|database|db|ddl|tables|init|migration|model|models|openapi|swagger|api|asyncapi|spec|readme|architecture|design|app|index|jhipster|entities|data)$/

/** The name of the design that is made of a file: the file's, or its folder's where the file has a usual name. */
export function designNameOf(path: string, cwd: string): string {
  const full = resolve(cwd, path)
  const name = nameOfPath(basename(full, extname(full)))
  return GENERIC.test(name) ? nameOfPath(dirname(full)) : name
}
