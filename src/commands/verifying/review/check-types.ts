/** Checks the own logic with the TypeScript of the project, with `strict`. */

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { ReviewedPart, ReviewFinding } from '../../../verify/review/code-review.ts'
import { relativeTo } from './relative-to.ts'
import { installedTool, runTool } from './run-tool.ts'

/** What a check of files has found. */
export interface CheckedFiles {
  readonly part: ReviewedPart
  readonly findings: readonly ReviewFinding[]
}

/** Where the files are. */
export interface FilesToCheck {
  /** The folder of the design. */
  readonly folder: string
  /** Absolute paths. */
  readonly files: readonly string[]
}

const MESSAGE = /^(.+?)\((\d+),\d+\): error (TS\d+): (.*)$/gm
/** Without a `tsconfig.json` of the project. */
const OPTIONS = {
  target: 'es2024',
  module: 'nodenext',
  allowImportingTsExtensions: true,
  verbatimModuleSyntax: true,
  skipLibCheck: true,
}
const MOST = 50

/** Checks the files in TypeScript. Options of the project's `tsconfig.json` apply besides `strict`. */
export async function checkTypes({ folder, files }: FilesToCheck): Promise<CheckedFiles> {
  const typed = files.filter((file) => /\.m?ts$/.test(file))
  const part = (why: string | null): ReviewedPart => ({ check: 'types', looked: `${typed.length} of ${files.length} files`, why })
  if (typed.length === 0) return { part: part('the project has no code in TypeScript'), findings: [] }
  const tool = installedTool(folder, 'typescript', 'tsc')
  if (tool === null) return { part: part('TypeScript is not installed in the project: npm install --save-dev typescript'), findings: [] }
  // The file is in the project, so that its packages are found.
  const place = join(folder, '.plinth', `verify-types-${process.pid}`)
  mkdirSync(place, { recursive: true })
  try {
    const config = projectConfig(folder)
    writeFileSync(
      join(place, 'tsconfig.json'),
      JSON.stringify({
        ...(config === null ? {} : { extends: config }),
        compilerOptions: { ...(config === null ? OPTIONS : {}), strict: true, noEmit: true, composite: false, incremental: false },
        files: typed,
        include: [],
      }),
    )
    const { code, text, cut } = await runTool(tool, ['-p', join(place, 'tsconfig.json'), '--pretty', 'false'], folder)
    const findings = [...text.matchAll(MESSAGE)].flatMap(([, file = '', line, name = '', message = '']) => {
      const path = resolve(folder, file)
      return typed.includes(path) ? [findingOf({ file: relativeTo(folder, path), line: Number(line), name, message })] : []
    })
    const isUnusable = code !== 0 && findings.length === 0 && !MESSAGE.test(text)
    return {
      part: part(isUnusable || cut !== null ? `the compiler did not run to its end: ${cut ?? text.trim().split('\n')[0]}` : null),
      findings: findings.slice(0, MOST),
    }
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

function findingOf({
  file,
  line,
  name,
  message,
}: {
  readonly file: string
  readonly line: number
  readonly name: string
  readonly message: string
}): ReviewFinding {
  const fix = 'Correct the types. `plinth up` writes the types of the design; `satisfies` checks a function with them.'
  return { check: 'types', name, level: 'error', path: '', file, line, what: message, fix }
}

/** The `tsconfig.json` of the project: in the folder of the design, or above it as far as the next `package.json`; null for none. */
function projectConfig(folder: string): string | null {
  const file = join(folder, 'tsconfig.json')
  if (existsSync(file)) return file
  return existsSync(join(folder, 'package.json')) || dirname(folder) === folder ? null : projectConfig(dirname(folder))
}
