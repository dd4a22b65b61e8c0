/** Changes the text of a module. */

import type { Patch } from './fault.ts'

/** The text with all patches. @throws Error for a patch whose text does not occur, or occurs more than once: the code has changed. */
export function patched(text: string, patches: readonly Patch[]): string {
  return patches.reduce((whole, { file, find, replace }) => {
    const parts = whole.split(find)
    const [before, after] = parts
    if (parts.length !== 2 || before === undefined || after === undefined)
      throw new Error(`src/${file} has ${parts.length - 1} times, and not once: ${find}`)
    return `${before}${replace}${after}`
  }, text)
}
