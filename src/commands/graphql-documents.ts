/** The GraphQL documents that are answered and no others: a file or a folder that the tools of clients write. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { EnvironmentError } from '../base/environment-error.ts'
import { isObject } from '../compile/validate.ts'

const HINT =
  'it names a JSON file of documents by id, as { "id": "query …" } or as Apollo\'s manifest of persisted queries, or a folder of .graphql files'

/**
 * Reads the documents by id. In a folder, the name of each `.graphql` file without its ending is the id.
 *
 * @throws EnvironmentError when there is nothing at the path, or not what it should be, or no document: a server that answers nothing is a mistake.
 */
export function readGraphqlDocuments(path: string, cwd: string): ReadonlyMap<string, string> {
  const place = resolve(cwd, path)
  const documents = statSync(place, { throwIfNoEntry: false })?.isDirectory() === true ? fromFolder(place) : fromFile(place, path)
  if (documents.size === 0) throw wrong(`${path} has no documents`)
  return documents
}

function fromFolder(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.graphql'))
  return new Map(files.toSorted().map((name) => [name.slice(0, -'.graphql'.length), readFileSync(join(folder, name), 'utf8')]))
}

function fromFile(file: string, path: string): ReadonlyMap<string, string> {
  const content = parse(textOf(file, path), path)
  const entries = isObject(content) && Array.isArray(content.operations) ? content.operations.map(inManifest) : Object.entries(content)
  return new Map(
    entries.map(([id, text]) => {
      if (typeof id !== 'string' || typeof text !== 'string') throw wrong(`${path} holds something that is not a document under its id`)
      return [id, text]
    }),
  )
}

/** An operation of `apollo-persisted-query-manifest`. */
function inManifest(operation: unknown): readonly [unknown, unknown] {
  return isObject(operation) ? [operation.id, operation.body] : [null, null]
}

function textOf(file: string, path: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw wrong(`${path} cannot be read`, cause)
  }
}

function parse(text: string, path: string): Readonly<Record<string, unknown>> {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (cause) {
    throw wrong(`${path} is not JSON`, cause)
  }
  if (!isObject(content)) throw wrong(`${path} is no JSON object`)
  return content
}

function wrong(what: string, cause?: unknown): EnvironmentError {
  return new EnvironmentError(`GRAPHQL_DOCUMENTS: ${what}`, HINT, cause === undefined ? {} : { cause })
}
