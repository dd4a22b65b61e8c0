/** The query strings of requests about files. */

import { failure } from '../../base/failure.ts'
import { suggest } from '../../base/suggest.ts'
import { splitQuery } from '../rest/query-string.ts'

/** The parameters of a link that expires. */
export interface LinkQuery {
  /** Seconds since 1970. */
  readonly expires: number
  readonly signature: string
}

/** What a request for a file asks. */
export interface FileQuery {
  /** Null for a request by the caller's own rights. */
  readonly link: LinkQuery | null
  readonly saved: boolean
  /** The name of a smaller copy of an image; null for the file as it was sent. */
  readonly size: string | null
}

const PARAMETERS = ['download', 'expires', 'signature', 'size'] as const

/** Reads the query of a request for a file. @throws Failure for unknown, repeated or malformed parameters. */
export function readFileQuery(query: string): FileQuery {
  const given = only(query, PARAMETERS)
  const [download, expires, signature, size = null] = PARAMETERS.map((name) => given.get(name))
  if (download !== undefined && download !== 'true' && download !== 'false')
    throw failure('invalid_parameter', { name: 'download', why: 'is true or false' })
  if (expires === undefined && signature === undefined) return { link: null, saved: download === 'true', size }
  if (expires === undefined || signature === undefined || !/^\d{1,12}$/.test(expires)) throw failure('invalid_link', {})
  return { link: { expires: Number(expires), signature }, saved: download === 'true', size }
}

/** Reads the query of an upload: the name of the file. @throws Failure for any other parameter. */
export function readUploadQuery(query: string): { readonly name: string | null } {
  return { name: only(query, ['name']).get('name') ?? null }
}

function only(query: string, names: readonly string[]): ReadonlyMap<string, string> {
  const given = new Map<string, string>()
  for (const [name, value] of splitQuery(query)) {
    if (!names.includes(name)) {
      const near = suggest(name, [...names])
      throw failure('unknown_parameter', { name, hint: near === undefined ? '' : `, did you mean "${near}"?` })
    }
    if (given.has(name)) throw failure('invalid_parameter', { name, why: 'is there twice' })
    given.set(name, value)
  }
  return given
}
