/** The package.json of the delivered project. */

import type { LockedManifest } from './lock.ts'

/** A package.json; other members are kept as they are. */
export interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly allowScripts?: Readonly<Record<string, boolean>>
}

/** What the manifest is made of. */
export interface ManifestParts {
  /** The package.json of the project; null if it has none. */
  readonly given: Manifest | null
  /** The name of the backend. */
  readonly name: string
  /** The path of the design in the project, as a word of a command; empty if commands find it by themselves. */
  readonly design: string
  /** The packed Plinth, relative to the project. */
  readonly tarball: string
  /** Packages that the design needs and Plinth brings only on demand, with their ranges. */
  readonly extra: Readonly<Record<string, string>>
  readonly allowScripts: Readonly<Record<string, boolean>>
  /** Whether the project has tests of its own. */
  readonly hasTests: boolean
}

/** The packages of the development of a project without a package.json. */
const DEVELOPMENT = { '@types/node': '^26', node: '^26' } as const

/** A manifest whose members a lock file needs are all there. */
export type CompleteManifest = Manifest & LockedManifest

/** Makes the package.json. Scripts and packages of the project stay; Plinth comes from the tarball. */
export function manifestOf({ given, name, design, tarball, extra, allowScripts, hasTests }: ManifestParts): CompleteManifest {
  const command = (words: string): string => (design === '' ? words : `${words} ${design}`)
  const verify = command('plinth verify --quick')
  const scripts = {
    start: command('plinth up'),
    test: hasTests ? 'node --test' : verify,
    plan: command('plinth plan'),
    serve: command('plinth serve'),
    work: command('plinth work'),
    migrate: command('plinth migrate'),
    verify,
    ...given?.scripts,
  }
  const plinth = { plinth: `file:${tarball}` }
  return {
    ...(given ?? { private: true, type: 'module' }),
    name: given?.name ?? name,
    version: given?.version ?? '0.1.0',
    scripts,
    dependencies: { ...given?.dependencies, ...(given === null ? extra : {}), ...plinth },
    devDependencies: given === null ? DEVELOPMENT : without(given.devDependencies, 'plinth'),
    allowScripts: { ...allowScripts, ...given?.allowScripts },
  }
}

function without(packages: Readonly<Record<string, string>> = {}, name: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(packages).filter(([other]) => other !== name))
}
