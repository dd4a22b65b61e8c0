/** An OpenAPI or AsyncAPI document: its values, and the lines of their places. Nothing outside of the document is read. */

import { isMap, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { isObject } from '../../base/is-object.ts'
import { ImportError, MAX_IMPORT_DEPTH, type SourcePlace, type SourceText } from '../text/source-file.ts'

/** An object of a document, and the keys that lead to it. */
export interface ApiPlace {
  readonly value: Readonly<Record<string, unknown>>
  readonly path: readonly (string | number)[]
}

/** A document. */
export interface ApiDocument {
  readonly root: ApiPlace
  /** The place in the source of a path, or of the nearest part above it that exists. */
  readonly at: (path: readonly (string | number)[]) => SourcePlace
  /** Follows a `$ref` within the document; null for one that leads nowhere, outside, or in a circle. */
  readonly resolve: (place: ApiPlace) => ApiPlace | null
}

const MAX_ALIASES = 100

/** What a document must be. */
export interface DocumentKind {
  /** The key with its version. */
  readonly key: string
  readonly version: RegExp
  readonly title: string
  /** What to do with another one. */
  readonly hint: string
}

/** Reads YAML or JSON. @throws ImportError for text that is neither, is nested too deeply, or is of another kind. */
export function readDocument(source: SourceText, kind: DocumentKind): ApiDocument {
  const lines = new LineCounter()
  const document = parseDocument(source.text, { lineCounter: lines, schema: 'core', uniqueKeys: false, logLevel: 'silent' })
  const placeAt = (offset: number): SourcePlace => ({ file: source.file, line: source.line + lines.linePos(offset).line - 1 })
  const [error] = document.errors
  if (error !== undefined)
    throw new ImportError(
      placeAt(error.pos[0]),
      `not valid YAML or JSON: ${error.message.split('\n')[0]?.slice(0, 200)}`,
      'correct this line',
    )
  limitDepth(document.contents, placeAt)
  const value: unknown = toValue(() => document.toJS({ maxAliasCount: MAX_ALIASES }), placeAt(0))
  const version = isObject(value) ? value[kind.key] : undefined
  if (!isObject(value) || typeof version !== 'string' || !kind.version.test(version))
    throw new ImportError(placeAt(0), `this is no ${kind.title}`, kind.hint)
  const root: ApiPlace = { value, path: [] }
  return {
    root,
    at: (path) => {
      let node: unknown = document.contents
      let offset = 0
      for (const key of path) {
        const pair = isMap(node)
          ? node.items.find((each) => String((each.key as { value?: unknown } | null)?.value) === String(key))
          : undefined
        const next = isMap(node) ? pair?.value : isSeq(node) ? node.items[Number(key)] : undefined
        const from = (pair?.key ?? next) as Node | undefined
        if (next === undefined || from?.range == null) break
        offset = from.range[0]
        node = next
      }
      return placeAt(offset)
    },
    resolve: (place) => follow(root, place),
  }
}

function toValue(read: () => unknown, at: SourcePlace): unknown {
  try {
    return read()
  } catch {
    throw new ImportError(at, `aliases stand for more than ${MAX_ALIASES} times their size`, 'write the parts out')
  }
}

function limitDepth(contents: unknown, placeAt: (offset: number) => SourcePlace): void {
  const open: { readonly node: unknown; readonly depth: number }[] = [{ node: contents, depth: 0 }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next
    if (depth > MAX_IMPORT_DEPTH)
      throw new ImportError(
        placeAt((node as Node | null)?.range?.[0] ?? 0),
        `nested more than ${MAX_IMPORT_DEPTH} levels deep`,
        'remove this part',
      )
    if (isMap(node)) for (const { value } of node.items) open.push({ node: value, depth: depth + 1 })
    else if (isSeq(node)) for (const item of node.items) open.push({ node: item, depth: depth + 1 })
  }
}

function follow(root: ApiPlace, place: ApiPlace): ApiPlace | null {
  let found: ApiPlace = place
  for (let hops = 0; hops < 20; hops++) {
    const target = found.value.$ref
    if (typeof target !== 'string') return found
    if (!target.startsWith('#/')) return null
    const path = target
      .slice(2)
      .split('/')
      .map((part) => decodePart(part).replaceAll('~1', '/').replaceAll('~0', '~'))
    const value = path.reduce<unknown>((at, key) => (isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined), root.value)
    if (!isObject(value)) return null
    found = { value, path }
  }
  return null
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The member of an object that is an object; null for none. */
export function memberPlace({ value, path }: ApiPlace, ...keys: readonly string[]): ApiPlace | null {
  let found: unknown = value
  for (const key of keys) found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined
  return isObject(found) ? { value: found, path: [...path, ...keys] } : null
}

/** The members of an object that are objects. */
export function memberPlaces(place: ApiPlace | null): readonly (readonly [name: string, member: ApiPlace])[] {
  return place === null
    ? []
    : Object.entries(place.value).flatMap(([name, value]) =>
        isObject(value) ? [[name, { value, path: [...place.path, name] }] as const] : [],
      )
}
