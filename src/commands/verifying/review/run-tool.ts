/** Runs a tool of the project, such as its compiler, and gives what it printed. */

import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** What a tool printed. */
export interface ToolOutput {
  readonly code: number | null
  readonly text: string
}

const WITHIN_MS = 120_000
const MOST_TEXT = 2_000_000

/** The program of a package that is installed in a project, or above it; null without it. @param bin the name of the program. */
export function installedTool(folder: string, name: string, bin: string): string | null {
  try {
    const file = createRequire(join(folder, 'x.js')).resolve(`${name}/package.json`)
    const { bin: programs } = JSON.parse(readFileSync(file, 'utf8')) as { readonly bin?: string | Readonly<Record<string, string>> }
    const program = typeof programs === 'string' ? programs : programs?.[bin]
    const path = program === undefined ? null : join(dirname(file), program)
    return path !== null && existsSync(path) ? path : null
  } catch {
    return null
  }
}

/** Runs a program of Node to its end, two minutes at most. */
export function runTool(program: string, args: readonly string[], cwd: string): Promise<ToolOutput> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: WITHIN_MS,
      killSignal: 'SIGKILL',
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (more: string) => {
        if (text.length < MOST_TEXT) text += more
      })
    child.on('error', reject).on('close', (code) => resolve({ code, text }))
  })
}
