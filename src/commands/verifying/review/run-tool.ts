/** Runs a tool of the project, such as its compiler, and gives what it printed. */

import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { runGroup } from './run-group.ts'

/** What a tool printed. */
export interface ToolOutput {
  readonly code: number | null
  /** Standard output, then the end of standard error. */
  readonly text: string
  /** Why it was ended before its end; null if it was not. */
  readonly cut: string | null
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

/** Runs a program of Node to its end. It is ended after two minutes, or two million characters. */
export async function runTool(program: string, args: readonly string[], cwd: string): Promise<ToolOutput> {
  const options = { program: process.execPath, args: [program, ...args], cwd, withinMs: WITHIN_MS, mostText: MOST_TEXT }
  const { code, output, errors, cut } = await runGroup(options)
  return { code, text: `${output}${errors}`, cut }
}
