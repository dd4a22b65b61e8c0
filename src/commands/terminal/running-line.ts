/** The last line of a terminal while a command runs: what is done, and how long it may take. The next one replaces it. */

/** A running line. */
export interface RunningLine {
  /** Shows a text in place of the one before. */
  readonly show: (text: string) => void
  /** Removes it, before anything else is printed. */
  readonly clear: () => void
}

/** The stream of a terminal. */
export interface TerminalStream {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly write: (text: string) => unknown
}

const CLEAR = '\r\u001b[K'
const USUAL_COLUMNS = 80

/** A running line on a stream; nothing is shown where it is no terminal, or where `CI` is set. */
export function runningLine(stream: TerminalStream, env: NodeJS.ProcessEnv): RunningLine {
  if (stream.isTTY !== true || env.CI !== undefined) return { show: () => {}, clear: () => {} }
  let isShown = false
  return {
    show(text) {
      // A line that wraps could not be removed.
      stream.write(`${CLEAR}${text.slice(0, (stream.columns || USUAL_COLUMNS) - 1)}`)
      isShown = true
    },
    clear() {
      if (isShown) stream.write(CLEAR)
      isShown = false
    },
  }
}
