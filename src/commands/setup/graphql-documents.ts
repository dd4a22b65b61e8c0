/** Reads the list of accepted GraphQL documents: a file or a folder that the tools of clients write. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { EnvironmentError } from '../../base/environment-error.ts'
import { isObject } from '../../base/is-object.ts'
import type { Model } from '../../model/model.ts'
import { count } from '../terminal/layout.ts'

const FORMS =
  'it names a JSON file of documents by id, as { "id": "query …" } or as Apollo\'s manifest of persisted queries, ' +
  'or a folder of .graphql files'

/** The documents of the list, and its problems. */
interface Listed {
  readonly documents: readonly ListedDocument[]
  readonly problems: readonly string[]
}

interface ListedDocument {
  readonly id: string
  readonly text: string
  /** The path of the file; for a JSON file, also the id of the document. */
  readonly place: string
}

/**
 * Reads the documents by id and checks each against the whole schema of the design. Returns null if the setting is not set; the server then
 * accepts every document. In a folder, the id of a document is the name of its `.graphql` file without the extension.
 *
 * @throws EnvironmentError with every problem: a missing or wrong file, an empty list (with it, the server would refuse every document), or
 *   documents that are invalid for every caller.
 */
export async function readGraphqlDocuments(
  model: Model,
  { path, cwd }: { readonly path: string | null; readonly cwd: string },
): Promise<ReadonlyMap<string, string> | null> {
  if (path === null) return null
  const { documents, problems } = readList(path, cwd)
  if (documents.length === 0 && problems.length === 0) throw wrong(`${path} has no documents`, FORMS)
  const byId = new Map(documents.map(({ id, text }) => [id, text]))
  // Loaded only here, because the library takes time to load and most servers have no list.
  const { documentFindings } = await import('../../server/graphql/documents/check-documents.ts')
  const places = new Map(documents.map(({ id, place }) => [id, place]))
  const broken = documentFindings(model, byId).map(
    ({ id, at, message }) => `${places.get(id)}${at === null ? '' : `:${at.line}:${at.column}`}: ${message}`,
  )
  const all = [...problems, ...broken]
  if (all.length > 0)
    throw wrong([count(all.length, 'problem'), ...all].join('\n  '), 'correct the documents, or remove them from the list')
  return byId
}

function readList(path: string, cwd: string): Listed {
  const place = resolve(cwd, path)
  const { value: isFolder } = orThrow(path, () => statSync(place).isDirectory())
  return isFolder ? fromFolder(place, path) : fromFile(place, path)
}

function fromFolder(folder: string, path: string): Listed {
  const { value: names } = orThrow(path, () => readdirSync(folder))
  const documents: ListedDocument[] = []
  const problems: string[] = []
  for (const name of names.filter((one) => one.endsWith('.graphql')).toSorted()) {
    const place = join(path, name)
    const read = reading(place, () => readFileSync(join(folder, name), 'utf8'))
    if ('problem' in read) problems.push(`${place}: ${read.problem}; ${read.next}`)
    else documents.push({ id: name.slice(0, -'.graphql'.length), text: read.value, place })
  }
  return { documents, problems }
}

function fromFile(file: string, path: string): Listed {
  const { value: text } = orThrow(path, () => readFileSync(file, 'utf8'))
  const content = parse(text, path)
  const entries = isObject(content) && Array.isArray(content.operations) ? content.operations.map(inManifest) : Object.entries(content)
  const documents: ListedDocument[] = []
  const problems: string[] = []
  const seen = new Set<string>()
  for (const [i, [id, document]] of entries.entries()) {
    const place = typeof id === 'string' ? `${path}, ${JSON.stringify(id)}` : `${path}, operation ${i + 1}`
    if (typeof id !== 'string' || typeof document !== 'string') problems.push(`${place}: expected an id and the text of a document`)
    else if (seen.has(id)) problems.push(`${place}: two documents have this id`)
    else documents.push({ id, text: document, place })
    if (typeof id === 'string') seen.add(id)
  }
  return { documents, problems }
}

/** An operation of `apollo-persisted-query-manifest`. */
function inManifest(operation: unknown): readonly [unknown, unknown] {
  return isObject(operation) ? [operation.id, operation.body] : [null, null]
}

function parse(text: string, path: string): Readonly<Record<string, unknown>> {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (cause) {
    throw wrong(`${path} is not JSON: ${(cause as Error).message}`, FORMS, cause)
  }
  if (!isObject(content)) throw wrong(`${path} is not a JSON object`, FORMS)
  return content
}

type Read<T> = { readonly value: T } | { readonly problem: string; readonly next: string; readonly cause: unknown }

/** Errors of the operating system in words, and what to do. */
const FILE_ERRORS: Readonly<Record<string, { readonly problem: string; readonly next: string }>> = {
  ENOENT: { problem: 'does not exist', next: FORMS },
  ENOTDIR: { problem: 'does not exist: part of the path is not a folder', next: FORMS },
  EACCES: { problem: 'may not be read by this user', next: 'let the user that runs plinth read it and enter the folders above it' },
  EPERM: { problem: 'may not be read by this user', next: 'let the user that runs plinth read it and enter the folders above it' },
  EISDIR: { problem: 'is a folder', next: 'rename it, or move the documents that it holds next to the others' },
  ELOOP: { problem: 'is a link that leads back to itself', next: 'make it point to a file' },
}

function reading<T>(path: string, read: () => T): Read<T> {
  try {
    return { value: read() }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? ''
    const said = FILE_ERRORS[code] ?? { problem: `cannot be read (${code})`, next: `make ${path} readable for this user` }
    return { ...said, cause }
  }
}

function orThrow<T>(path: string, read: () => T): { readonly value: T } {
  const outcome = reading(path, read)
  if ('problem' in outcome) throw wrong(`${path} ${outcome.problem}`, outcome.next, outcome.cause)
  return outcome
}

function wrong(what: string, hint: string, cause?: unknown): EnvironmentError {
  return new EnvironmentError(`GRAPHQL_DOCUMENTS: ${what}`, hint, cause === undefined ? {} : { cause })
}
