/** A document with the place of each of its parts. YAML and JSON are read into it, and paths are looked up in it. */

import type { SourceRef } from '../../base/diagnostic.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Path, Source, SourceDocument } from '../findings/source.ts'

/** A place in a file; line and column from 1. */
export interface FilePlace {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** `size` counts the values in a part with its aliases written out, `depth` the levels below it. */
export type Located =
  | { readonly kind: 'scalar'; readonly value: unknown; readonly at: FilePlace; readonly size: number; readonly depth: number }
  | { readonly kind: 'list'; readonly items: readonly Located[]; readonly at: FilePlace; readonly size: number; readonly depth: number }
  | LocatedMap

/** A map of a document. */
export interface LocatedMap {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, LocatedEntry>
  readonly at: FilePlace
  readonly size: number
  readonly depth: number
}

/** A key of a map, its place and its value. */
export interface LocatedEntry {
  readonly keyAt: FilePlace
  readonly value: Located
}

/** The values without places. A part that several aliases stand for is one object. */
export function plainValue(node: Located): unknown {
  return convert(node, new Map())
}

function convert(node: Located, done: Map<Located, unknown>): unknown {
  const before = done.get(node)
  if (before !== undefined) return before
  const value = convertNode(node, done)
  done.set(node, value)
  return value
}

function convertNode(node: Located, done: Map<Located, unknown>): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'list':
      return node.items.map((item) => convert(item, done))
    case 'map':
      return Object.fromEntries([...node.entries].map(([key, entry]) => [key, convert(entry.value, done)]))
    default:
      return unreachable(node)
  }
}

/** The source of a document. An entry of a map has the place of its key, an item of a list the place where it begins. */
export function locatedSource(root: Located, file: string, files: readonly string[]): Source {
  return { file, files, at: (path) => ({ path, ...placeOf(root, path) }), contract: null }
}

/** A document without the design, such as a contract. */
export function locatedDocument(root: Located, file: string): SourceDocument {
  return { file, value: plainValue(root), at: (path) => ({ path, ...placeOf(root, path) }) }
}

function placeOf(root: Located, path: Path): Omit<SourceRef, 'path'> {
  let node = root
  let { at } = root
  for (const key of path) {
    if (node.kind === 'map') {
      const entry = node.entries.get(String(key))
      if (entry === undefined) return at
      at = entry.keyAt
      node = entry.value
    } else if (node.kind === 'list' && typeof key === 'number') {
      const item = node.items[key]
      if (item === undefined) return at
      at = item.at
      node = item
    } else return at
  }
  return at
}
