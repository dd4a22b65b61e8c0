/** Compares names of addresses and contracts with those of a design. */

/** Whether two names are the same apart from case and signs. */
export function isAlike(a: string, b: string): boolean {
  return folded(a) === folded(b)
}

/** A name without case and signs. */
export function folded(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase()
}

/** A name in the form of an action or an input: `list-all` is `listAll`. */
export function camel(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]+(.?)/g, (_, next: string) => next.toUpperCase())
}
