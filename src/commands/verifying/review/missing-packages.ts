/** Whether the packages that a project names are installed. */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * The packages of `package.json`, optional ones left out, that are in no `node_modules` of the folder or above it, as Node looks for them.
 * None for a folder without `package.json`, and for one of Yarn's Plug'n'Play, which has no `node_modules`.
 *
 * @param folder the folder of the project.
 * @returns their names, in the order of the file.
 */
export function missingPackages(folder: string): readonly string[] {
  const named = namedPackages(join(folder, 'package.json'))
  if (named.length === 0) return []
  const above = foldersAbove(folder)
  if (above.some((one) => existsSync(join(one, '.pnp.cjs')))) return []
  return named.filter((name) => !above.some((one) => existsSync(join(one, 'node_modules', name, 'package.json'))))
}

/** The packages that tests may load. A file that is not there or cannot be read names none: npm says so better. */
function namedPackages(path: string): readonly string[] {
  try {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(path, 'utf8'))
    return Object.keys({ ...dependencies, ...devDependencies })
  } catch {
    return []
  }
}

function foldersAbove(folder: string): readonly string[] {
  const parent = dirname(folder)
  return parent === folder ? [folder] : [folder, ...foldersAbove(parent)]
}
