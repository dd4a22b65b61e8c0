/** Rows without hooks. What a hook does is not in the text of a design. */

import type { RowHooks } from './action-world.ts'

function unknownHook(): never {
  throw new Error('what these hooks do is not known')
}

/** For designs without hooks on the rows that their actions write. */
export const NO_HOOKS: RowHooks = {
  isHooked: () => false,
  makeRow: unknownHook,
  judgeDrafts: unknownHook,
  changeRow: unknownHook,
  removeRows: unknownHook,
}
