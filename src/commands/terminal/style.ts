/** Colours and weights of text in a terminal. */

import type { Environment } from './environment.ts'

type Paint = (text: string) => string

/** Functions that style a text. */
export interface Style {
  readonly bold: Paint
  readonly dim: Paint
  readonly red: Paint
  readonly green: Paint
  readonly yellow: Paint
  readonly cyan: Paint
}

const same: Paint = (text) => text

/** No styles: for files, pipes, programs and users who want none. */
export const PLAIN: Style = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same }

/** ANSI codes (ECMA-48 SGR), each closed by its own reset so that styles nest. */
function paint(open: number, close: number): Paint {
  return (text) => `\u001b[${open}m${text}\u001b[${close}m`
}

const COLOURED: Style = {
  bold: paint(1, 22),
  dim: paint(2, 22),
  red: paint(31, 39),
  green: paint(32, 39),
  yellow: paint(33, 39),
  cyan: paint(36, 39),
}

/** Chooses colours if the terminal shows them. A non-empty `NO_COLOR` turns them off (no-color.org), `FORCE_COLOR` turns them on. */
export function styleFor(stream: { readonly isTTY?: boolean }, env: Environment): Style {
  if ((env.NO_COLOR ?? '') !== '' || env.FORCE_COLOR === '0') return PLAIN
  if ((env.FORCE_COLOR ?? '') !== '') return COLOURED
  return stream.isTTY === true && env.TERM !== 'dumb' ? COLOURED : PLAIN
}
