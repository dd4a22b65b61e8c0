/**
 * Which test files share a process. To start Node and to load Plinth takes 1.5 to 2.5 s of processor time, longer than most test files do,
 * so files share a process, where they run one after another. Long files share with few others and begin first, so that no process is left
 * alone at the end.
 */

import { pathToFileURL } from 'node:url'

/** How many files share a process: of folders with long files, and of all other ones. */
const MOST: readonly (readonly [folders: RegExp, files: number])[] = [
  [/^test\/random\//, 1],
  [/^test\/(?:commands|verify)\//, 3],
  [/^test\/(?:crash|doors|embedded|isolation|migrations)\//, 5],
  [/^/, 12],
]

/**
 * Divides test files among processes.
 *
 * @param paths in any order.
 * @returns for each process, the paths of its files in the order in which they run. Those with long files are first.
 */
export function testProcesses(paths: readonly string[]): readonly (readonly string[])[] {
  const sorted = paths.toSorted()
  const kind = (path: string): number => MOST.findIndex(([folders]) => folders.test(path))
  return MOST.flatMap(([, most], i) => {
    const own = sorted.filter((path) => kind(path) === i)
    const count = Math.ceil(own.length / most)
    // Parts of equal size: the n-th begins at n times the size, rounded.
    const start = (n: number): number => Math.round((n * own.length) / count)
    return Array.from({ length: count }, (_, n) => own.slice(start(n), start(n + 1)))
  })
}

/**
 * A test file that runs others. Each is a suite with its path as name, so hooks outside of `describe` act on the tests of their file alone.
 * A file is loaded after the one before it: the runner gives a test to the suite that loads at that moment.
 *
 * @param files absolute paths and names of the suites, in the order in which they run.
 * @returns the text of a module.
 */
export function suiteOf(files: readonly { readonly path: string; readonly name: string }[]): string {
  const loads = files.map(
    ({ path, name }) => `await load(${JSON.stringify(name)}, () => import(${JSON.stringify(pathToFileURL(path).href)}))\n`,
  )
  return `import { describe } from 'node:test'

function load(name, module) {
  const { promise, resolve } = Promise.withResolvers()
  describe(name, () => module().finally(resolve))
  return promise
}

${loads.join('')}`
}
