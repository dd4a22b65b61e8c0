/** Parses one file in YAML or JSON. */

import { readFileSync } from 'node:fs'
import { extname, relative, resolve, sep } from 'node:path'
import { quote } from '../findings/report.ts'
import { jsonFault } from './json-syntax.ts'
import type { Located } from './located.ts'
import { type ParsedFile, parseYaml } from './parse-yaml.ts'
import type { Finding } from './read-findings.ts'

/** The most bytes of one file. */
export const MAX_FILE_BYTES = 1_000_000

/** Parses a file, or a text in its place; null when nothing of it can be used. Findings are appended. */
export function parseFile(path: string, as: ParsedFile & { readonly text?: string }, findings: Finding[]): Located | null {
  const text = as.text ?? readText(path, as.file, findings)
  if (text === null || (extname(path) === '.json' && !isJson(text, as.file, findings))) return null
  return parseYaml(text, as, findings)
}

/** Whether a path is in a folder or below it. Both are absolute. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && resolve(folder, way) === path
}

function readText(path: string, shown: string, findings: Finding[]): string | null {
  const at = { file: shown, line: 1, column: 1 }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  } catch (error) {
    const isEncoding = error instanceof TypeError
    findings.push({
      code: isEncoding ? 'PLN-D005' : 'PLN-D001',
      at,
      message: isEncoding ? 'the file is not UTF-8' : 'the file cannot be read',
    })
    return null
  }
}

/** Reports a .json file that is not JSON (RFC 8259). The YAML parser, which gives the places, accepts more than JSON. */
function isJson(text: string, shown: string, findings: Finding[]): boolean {
  const fault = jsonFault(text)
  if (fault === null) return true
  const before = text.slice(0, fault.offset)
  const at = { file: shown, line: before.split('\n').length, column: fault.offset - before.lastIndexOf('\n') }
  const found = fault.offset === text.length ? 'the end of the file' : quote(text.slice(fault.offset, fault.offset + 1))
  findings.push({ code: 'PLN-D005', at, message: `not valid JSON: expected ${fault.expected}, found ${found}` })
  return false
}
