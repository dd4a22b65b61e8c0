/**
 * Which test files share a process. To start Node and to load Plinth takes longer than most test files do, so files of one folder share
 * a process, where they run one after another. Two kinds of files have a process of their own: long ones, so that others run beside
 * them, and those with hooks outside of `describe`, which would act on the tests of all files of the process.
 */

import { dirname } from 'node:path'

/** A test file: its path, and its text. */
export interface TestFile {
  readonly path: string
  readonly text: string
}

/** More files in one process leave too few processes that can run at the same time at the end. */
const MOST = 10

/** Folders whose files take half a minute and more, or stop processes in the middle of their work. */
const ALONE = /^test\/(commands|crash|doors|embedded|isolation|migrations|random|verify)\//

const HOOKS = /^(?:before|after|beforeEach|afterEach)\(/m

/**
 * Divides test files among processes.
 *
 * @param files in any order.
 * @returns for each process, the paths of its files in the order in which they run; in the order of their first files.
 */
export function testProcesses(files: readonly TestFile[]): readonly (readonly string[])[] {
  const processes: string[][] = []
  const open = new Map<string, string[]>()
  for (const { path, text } of files.toSorted((one, other) => (one.path < other.path ? -1 : 1))) {
    const folder = dirname(path)
    const shared = open.get(folder)
    if (ALONE.test(path) || HOOKS.test(text)) processes.push([path])
    else if (shared === undefined || shared.length === MOST) {
      const started = [path]
      open.set(folder, started)
      processes.push(started)
    } else shared.push(path)
  }
  return processes
}
