/** Why an answer that the document describes was not provoked. */

import type { DocumentedOperation } from './operations.ts'

const BY_STATUS: Readonly<Record<number, string>> = {
  408: 'no case sends a body slowly',
  429: 'the limits of rates are off while verify runs, because one caller asks everything',
  431: 'the HTTP client of verify sends no headers of that size',
  500: 'a correct backend never answers it; any answer 500 would be a finding',
  503: 'needs a fault: a database that stops, or more requests than can be served',
}

/** The reason, for the list of what was not tested. */
export function reasonNotProvoked({ entity, method }: DocumentedOperation, status: number): string {
  const known = BY_STATUS[status]
  if (known !== undefined) return known
  if (entity === null) return 'this version of verify has no cases for actions, files and other operations without an entity'
  if (method === 'OPTIONS' || method === 'HEAD') return 'no case of verify leads to it by this method'
  return 'no case of this design leads to it'
}
