/** The paths under which the operations of a contract are served: one name for each place of a path. */

/** A path, and the names that its parameters have in it, by their names in the contract. */
export interface ContractPath {
  readonly path: string
  readonly names: ReadonlyMap<string, string>
}

/**
 * Names the parameters of paths. `/books/{book-isbn}` and `/books/{isbn}/loans` name the same place differently, which a contract may do
 * and a router may not, so both get the first name. Signs other than letters, digits and `_` are replaced.
 *
 * @param paths in the order of the contract
 * @returns the served path of each path
 */
export function servedPaths(paths: readonly string[]): ReadonlyMap<string, ContractPath> {
  const byPlace = new Map<string, string>()
  const found = new Map<string, ContractPath>()
  for (const path of paths) {
    const names = new Map<string, string>()
    let place = ''
    const segments = path.split('/').map((segment) => {
      place = `${place}/${segment.replaceAll(NAME, '{}')}`
      let number = 0
      return segment.replaceAll(NAME, (_, own: string) => {
        const at = `${place} ${number++}`
        const name = byPlace.get(at) ?? unusedName(own.replaceAll(/\W/g, '_'), new Set(names.values()))
        byPlace.set(at, name)
        names.set(own, name)
        return `{${name}}`
      })
    })
    found.set(path, { path: segments.join('/'), names })
  }
  return found
}

const NAME = /\{([^{}]+)\}/g

function unusedName(name: string, used: ReadonlySet<string>): string {
  let free = name
  for (let i = 2; used.has(free); i++) free = `${name}${i}`
  return free
}
