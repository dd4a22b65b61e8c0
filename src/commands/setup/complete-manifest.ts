/** What a package.json that was there before `plinth init` lacks, as commands. */

/** The members of a package.json that a project needs. */
export interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly private?: boolean
  readonly type?: string
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  /** The install scripts that npm may run. */
  readonly allowScripts?: Readonly<Record<string, boolean>>
}

/** What `npm init` writes in place of a test. */
const NO_TEST = /no test specified/

/**
 * Returns the commands that complete an own package.json, and then install and start. Scripts and versions that are there stay: with an
 * own script `start`, the last command calls Plinth itself.
 *
 * @param own the package.json of the folder; null for one that cannot be read as an object
 * @param wanted the package.json that `plinth init` would have written
 */
export function commandsToComplete(own: Manifest | null, wanted: Manifest): readonly string[] {
  if (own === null) return ['npm install', 'npx plinth up']
  const installed = { ...own.dependencies, ...own.devDependencies }
  const absent = (there: Readonly<Record<string, string>>, part: 'scripts' | 'dependencies' | 'devDependencies'): string[] =>
    Object.entries(wanted[part] ?? {}).flatMap(([name, value]) => (there[name] === undefined ? [`"${part}.${name}=${value}"`] : []))
  const { test, ...scripts } = own.scripts ?? {}
  const settings = [
    ...(own.type === wanted.type ? [] : [`type=${wanted.type}`]),
    ...absent(test === undefined || NO_TEST.test(test) ? scripts : { ...scripts, test }, 'scripts'),
    ...absent(installed, 'dependencies'),
    ...absent(installed, 'devDependencies'),
  ]
  const ownStart = scripts['start'] !== undefined && scripts['start'] !== wanted.scripts?.['start']
  return [...(settings.length === 0 ? [] : [`npm pkg set ${settings.join(' ')}`]), 'npm install', ownStart ? 'npx plinth up' : 'npm start']
}

/** Reads a package.json; null when it is no JSON object. A mark of the byte order at its beginning does not count. */
export function readManifest(text: string): Manifest | null {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}
