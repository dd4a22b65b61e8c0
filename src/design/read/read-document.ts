/** Reads designs in YAML and JSON: the file, the files that it includes, and the place of every part. */

import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { quote } from '../findings/report.ts'
import type { DesignRead } from '../findings/source.ts'
import type { FilePlace, Located, LocatedEntry, LocatedMap } from './located.ts'
import { locatedSource, plainValue } from './located.ts'
import { isInside, MAX_FILE_BYTES, parseFile } from './parse-file.ts'
import type { Finding } from './read-findings.ts'
import { diagnosticsOf } from './read-findings.ts'

const MAX_FILES = 100
const INCLUDABLE: ReadonlySet<string> = new Set(['.yaml', '.yml', '.json'])

interface Reading {
  readonly findings: Finding[]
  /** The folder of the design, with links resolved. No file outside it is read. */
  readonly folder: string
  /** Files that have been read, by real path. */
  readonly files: Set<string>
  /** Files whose includes are being read, outermost first. */
  readonly open: string[]
}

/** Reads a design document with everything that it includes. `shown` is the name that findings use. */
export function readDocument(path: string, shown: string): DesignRead {
  return readWhole({ path: realpathSync(path), shown })
}

/** Reads a text as the document at `path`, which need not exist; its folder does. */
export function readDocumentText(text: string, path: string, shown: string): DesignRead {
  return readWhole({ path: join(realpathSync(dirname(path)), basename(path)), shown, text })
}

function readWhole(file: FileName): DesignRead {
  const { path, shown } = file
  const reading: Reading = { findings: [], folder: dirname(path), files: new Set(), open: [] }
  const root = readFile(file, reading)
  const files = [...reading.files]
  if (root === null || reading.findings.length > 0) return { ok: false, diagnostics: diagnosticsOf(reading.findings), files }
  const source = locatedSource(root, shown, files)
  return { ok: true, design: plainValue(root), source, files }
}

/** One file and what it includes; null when nothing of it can be used. */
function readFile({ path, shown, text }: FileName, reading: Reading): Located | null {
  reading.files.add(path)
  const root = parseFile(path, { file: shown, holds: 'design', ...(text === undefined ? {} : { text }) }, reading.findings)
  if (root === null || root.kind !== 'map' || !root.entries.has('include')) return root
  reading.open.push(path)
  const whole = withIncludes(root, { path, shown }, reading)
  reading.open.pop()
  return whole
}

interface FileName {
  readonly path: string
  readonly shown: string
  /** The text in place of the file's. */
  readonly text?: string
}

/** Merges the included files into the map of a file. */
function withIncludes(root: LocatedMap, file: FileName, reading: Reading): Located {
  const include = root.entries.get('include')
  const entries = new Map(root.entries)
  entries.delete('include')
  const list = include?.value
  if (include === undefined || list?.kind !== 'list') {
    const at = include?.keyAt ?? root.at
    reading.findings.push({ code: 'PLN-D102', at, message: 'include: expected a list such as ["entities/post.yaml"]' })
    return { ...root, entries }
  }
  for (const item of list.items) {
    const included = readInclude(item, file, reading)
    if (included === null) continue
    if (included.kind === 'map') merge(entries, included, reading)
    else reading.findings.push({ code: 'PLN-D102', at: included.at, message: 'an included file holds an object with the keys of a design' })
  }
  return { ...root, entries }
}

function readInclude(item: Located, file: FileName, reading: Reading): Located | null {
  const name = item.kind === 'scalar' ? item.value : null
  if (typeof name !== 'string') return refuse(reading, 'PLN-D102', item.at, 'include: expected the name of a file')
  if (!INCLUDABLE.has(extname(name))) return refuse(reading, 'PLN-D016', item.at, `${quote(name)} is no YAML or JSON file`)
  const wanted = resolve(dirname(file.path), name)
  if (!isInside(wanted, reading.folder)) return refuse(reading, 'PLN-D016', item.at, `${quote(name)} is outside the design's folder`)
  if (statSync(wanted, { throwIfNoEntry: false })?.isFile() !== true)
    return refuse(reading, 'PLN-D001', item.at, `there is no file ${quote(name)}`)
  const path = realpathSync(wanted)
  if (!isInside(path, reading.folder)) return refuse(reading, 'PLN-D016', item.at, `${quote(name)} leads outside the design's folder`)
  if (reading.open.includes(path))
    return refuse(reading, 'PLN-D017', item.at, `${quote(name)} includes this file, directly or through others`)
  // a file that two others include is read once
  if (reading.files.has(path)) return null
  if (reading.files.size >= MAX_FILES) return refuse(reading, 'PLN-D013', item.at, `more than ${MAX_FILES} files`)
  const { size } = statSync(path)
  if (size > MAX_FILE_BYTES)
    return refuse(reading, 'PLN-D004', item.at, `${quote(name)} has ${size} bytes; at most ${MAX_FILE_BYTES} are read`)
  return readFile({ path, shown: join(dirname(file.shown), name) }, reading)
}

function refuse(reading: Reading, code: Finding['code'], at: FilePlace, message: string): null {
  reading.findings.push({ code, at, message })
  return null
}

/** Adds the keys of an included file. Maps at the top (entities, rules, …) are joined name by name; a name comes from one file only. */
function merge(into: Map<string, LocatedEntry>, from: LocatedMap, reading: Reading): void {
  for (const [key, entry] of from.entries) {
    const before = into.get(key)
    if (before === undefined) into.set(key, entry)
    else if (before.value.kind === 'map' && entry.value.kind === 'map')
      into.set(key, { ...before, value: joined(before.value, entry.value, { key, reading }) })
    else conflict(key, { before, entry }, reading)
  }
}

function joined(a: LocatedMap, b: LocatedMap, { key, reading }: { readonly key: string; readonly reading: Reading }): LocatedMap {
  const entries = new Map(a.entries)
  for (const [name, entry] of b.entries) {
    const before = entries.get(name)
    if (before === undefined) entries.set(name, entry)
    else conflict(`${key}.${name}`, { before, entry }, reading)
  }
  return { ...a, entries, size: a.size + b.size, depth: Math.max(a.depth, b.depth) }
}

function conflict(
  name: string,
  { before, entry }: { readonly before: LocatedEntry; readonly entry: LocatedEntry },
  reading: Reading,
): void {
  const { file, line } = before.keyAt
  reading.findings.push({ code: 'PLN-D018', at: entry.keyAt, message: `${name} is in ${file}:${line} already` })
}
