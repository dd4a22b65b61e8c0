/**
 * The lock file of the delivered project. It is made of the packages that are installed here, so that the project gets the versions that
 * were verified, and no registry is asked. It names no registry: npm uses its own.
 */

/** An entry of a lock file; other members are kept as they are. */
export interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly dev?: boolean
  readonly optional?: boolean
  readonly devOptional?: boolean
  readonly extraneous?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

/** The packages of a lock file by their folder: `node_modules/ajv`. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>

/** The part of a package.json that its lock file repeats. */
export interface LockedManifest {
  readonly name: string
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const MODULES = 'node_modules/'
/** The one package that comes with the project. */
const PLINTH = 'node_modules/plinth'
/** Registries are left to npm; packages of other places keep theirs. */
const OF_A_REGISTRY = /^https?:\/\//

/**
 * Makes the text of a lock file.
 *
 * @throws Error with the name of a package that is not installed, or is a folder or a file of this machine.
 */
export function lockText(manifest: LockedManifest, tree: LockedPackages): string {
  const root: LockedPackage = { dependencies: manifest.dependencies, devDependencies: manifest.devDependencies }
  const all = reached(tree, root, ['dependencies', 'devDependencies'], 'all')
  const production = reached(tree, root, ['dependencies'], 'all')
  const required = reached(tree, root, ['dependencies'], 'required')
  const requiredHere = reached(tree, root, ['dependencies', 'devDependencies'], 'required')
  const entries = [...all]
    .sort((a, b) => a.localeCompare(b, 'en'))
    .map((path) => {
      const { dev, optional, devOptional, extraneous, resolved, ...kept } = tree[path] ?? {}
      if (path !== PLINTH && (kept.link === true || resolved?.startsWith('file:') === true))
        throw new Error(`${path} is ${resolved}, a folder or file of this machine`)
      return [
        path,
        {
          ...pick(kept, ['version']),
          ...(resolved === undefined || OF_A_REGISTRY.test(resolved) ? {} : { resolved }),
          ...kept,
          ...flagsOf({ isProduction: production.has(path), isRequired: required.has(path), isRequiredHere: requiredHere.has(path) }),
        },
      ] as const
    })
  const { name, version } = manifest
  const packages = { '': { name, version, ...root }, ...Object.fromEntries(entries) }
  return `${JSON.stringify({ name, version, lockfileVersion: 3, requires: true, packages }, null, 2)}\n`
}

function pick(entry: LockedPackage, names: readonly (keyof LockedPackage)[]): LockedPackage {
  return Object.fromEntries(names.flatMap((name) => (entry[name] === undefined ? [] : [[name, entry[name]]])))
}

/** What npm must know to leave out the packages of the development, and those of other systems. */
function flagsOf({
  isProduction,
  isRequired,
  isRequiredHere,
}: Readonly<Record<'isProduction' | 'isRequired' | 'isRequiredHere', boolean>>) {
  if (isRequired) return {}
  if (isProduction) return isRequiredHere ? { devOptional: true } : { optional: true }
  return isRequiredHere ? { dev: true } : { dev: true, optional: true }
}

/** The folders of all packages that the root needs. @param edges whether optional dependencies count. */
function reached(
  tree: LockedPackages,
  root: LockedPackage,
  kinds: readonly ('dependencies' | 'devDependencies')[],
  edges: 'all' | 'required',
): ReadonlySet<string> {
  const found = new Set<string>()
  const waiting: string[] = []
  const need = (from: string, names: readonly string[], must: 'be there' | 'may lack'): void => {
    for (const name of names) {
      const path = installedFor(tree, from, name)
      if (path === null && must === 'be there') throw new Error(`${from === '' ? 'the project' : from} needs ${name}`)
      if (path === null || found.has(path)) continue
      found.add(path)
      waiting.push(path)
    }
  }
  for (const kind of kinds) need('', Object.keys(root[kind] ?? {}), 'be there')
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = tree[path] ?? {}
    const isOptional = (name: string): boolean => Object.hasOwn(optionalDependencies, name)
    need(
      path,
      Object.keys(dependencies).filter((name) => !isOptional(name)),
      'be there',
    )
    need(
      path,
      Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true),
      'be there',
    )
    if (edges === 'all') need(path, Object.keys(optionalDependencies), 'may lack')
  }
  return found
}

/** Where Node finds a package from another one: beside it, or in a folder above. */
function installedFor(tree: LockedPackages, from: string, name: string): string | null {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf(`/${MODULES}`)))) {
    const path = folder === '' ? `${MODULES}${name}` : `${folder}/${MODULES}${name}`
    if (Object.hasOwn(tree, path)) return path
    if (folder === '') return null
  }
}

/**
 * The packages of Plinth's own lock file, for a project that has no package but Plinth: what Plinth needs stands beside it.
 *
 * @param own the packages of the lock file.
 * @param plinth the entry of Plinth.
 */
export function besidePlinth(own: LockedPackages, plinth: LockedPackage): LockedPackages {
  const others = Object.entries(own).filter(([path]) => path.startsWith(MODULES))
  return { ...Object.fromEntries(others), [PLINTH]: plinth }
}

/**
 * The packages of a project whose Plinth is a link to a folder: what Plinth needs stands below it, so that it changes no version of the
 * project.
 */
export function belowPlinth(project: LockedPackages, own: LockedPackages, plinth: LockedPackage): LockedPackages {
  const kept = Object.entries(project).filter(([path]) => path.startsWith(MODULES))
  const below = Object.entries(own)
    .filter(([path]) => path.startsWith(MODULES))
    .map(([path, entry]) => [`node_modules/plinth/${path}`, entry] as const)
  return { ...Object.fromEntries([...kept, ...below]), [PLINTH]: plinth }
}
