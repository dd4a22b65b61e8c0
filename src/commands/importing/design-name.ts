/** The names of designs. */

import { basename } from 'node:path'

/** The form of the name of a design. */
export const DESIGN_NAME = /^[a-z][a-z0-9-]{0,62}$/
/** The same in words. */
export const DESIGN_NAME_RULE = 'a name is lower case letters, digits and dashes, and begins with a letter'

/** A valid name that is similar to the last part of a path; `ä` becomes `a`. */
export function nameOfPath(path: string): string {
  const name = basename(path)
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
  return name === '' ? 'backend' : name.slice(0, 63)
}
