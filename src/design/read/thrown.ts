/** Turns an error that a design throws into a finding: one line, with a place in the design's own files, without absolute paths. */

import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { suggest } from '../../base/suggest.ts'
import { quote } from '../findings/report.ts'
import type { Finding } from './read-findings.ts'

/** The design's file, and the name that findings use for it. */
interface ModuleFile {
  readonly path: string
  readonly shown: string
}

/** The finding for anything that a design throws. */
export function thrownFinding(error: unknown, executed: ModuleFile): Finding {
  const code = 'PLN-D014'
  const at = { file: executed.shown }
  if (!(error instanceof Error)) return { code, at, message: `it throws ${quote(String(error))}` }
  const folder = dirname(executed.path)
  const [line = ''] = error.message.split('\n')
  const hint = hintFor(error)
  return {
    code,
    at: placeIn(error.stack ?? '', folder, executed.shown) ?? at,
    message: `${error.name}: ${shorten(line, folder)}`,
    ...(hint === undefined ? {} : { hint }),
  }
}

/** The URL without the parameter of the load. */
function plainUrl(url: string): string {
  const result = new URL(url)
  result.search = ''
  return result.href
}

function shorten(message: string, folder: string): string {
  return message
    .replaceAll(/file:\/\/[^\s'"]+/g, plainUrl)
    .replaceAll(pathToFileURL(folder + sep).href, '')
    .replaceAll(folder + sep, '')
}

/** The first place of a stack that lies within the folder. */
function placeIn(stack: string, folder: string, shown: string): Finding['at'] | null {
  for (const [, url = '', line, column] of stack.matchAll(/(file:\/\/[^\s()]+?):(\d+)(?::(\d+))?\)?(?=\n|$)/g)) {
    if (!URL.canParse(url)) continue
    const name = relative(folder, fileURLToPath(plainUrl(url)))
    if (name.startsWith('..') || name.includes(`node_modules${sep}`)) continue
    return { file: join(dirname(shown), name), line: Number(line), column: Number(column ?? caretColumn(stack)) }
  }
  return null
}

/** The column of a syntax error, from the caret below the source line in its stack; 1 without a caret. */
function caretColumn(stack: string): number {
  const caret = stack.split('\n').find((line) => /^ *\^+$/.test(line))
  return caret === undefined ? 1 : caret.indexOf('^') + 1
}

const HELPERS: readonly string[] =
  'backend boolean choice computed date decimal duration email integer json list number password ref text time timestamp url uuid'.split(
    ' ',
  )

function hintFor(error: Error): string | undefined {
  const name = /'plinth' does not provide an export named '(\w+)'/.exec(error.message)?.[1]
  const near = name === undefined ? undefined : suggest(name, HELPERS)
  return near === undefined ? undefined : `did you mean ${near}?`
}
