/** Parts of JSON pointers (RFC 6901). */

/** The pointer of a member of an object: `/` and the name with escapes. */
export function memberPointer(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** The name that a part of a pointer, without its `/`, stands for. */
export function unescapedPart(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~')
}
