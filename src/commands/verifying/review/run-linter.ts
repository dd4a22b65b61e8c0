/** Checks the own logic with the linter of the project: Biome. */

import { sep } from 'node:path'
import type { ReviewedPart, ReviewFinding } from '../../../verify/review/code-review.ts'
import type { CheckedFiles, FilesToCheck } from './check-types.ts'
import { relativeTo } from './relative-to.ts'
import { installedTool, runTool } from './run-tool.ts'

/** A line for GitHub: `::error title=lint/…,file=a.ts,line=4,endLine=4,col=3,endColumn=9::message`. */
const LINE = /^::(error|warning|notice) title=([^,]*),file=([^,]*),line=(\d+),[^:]*::(.*)$/gm
const LEVELS: Readonly<Record<string, ReviewFinding['level']>> = { error: 'error', warning: 'warning', notice: 'note' }
const MOST = 50

/** Checks the files with the configuration of the project. */
export async function runLinter({ folder, files }: FilesToCheck): Promise<CheckedFiles> {
  const part = (why: string | null): ReviewedPart => ({ check: 'linter', looked: `${files.length} files`, why })
  if (files.length === 0) return { part: part('the project has no code'), findings: [] }
  const tool = installedTool(folder, '@biomejs/biome', 'biome')
  if (tool === null) return { part: part('Biome is not installed in the project: npm install --save-dev @biomejs/biome'), findings: [] }
  const paths = files.map((file) => relativeTo(folder, file))
  const { code, text, cut } = await runTool(tool, ['lint', '--reporter=github', `--max-diagnostics=${MOST}`, ...paths], folder)
  const findings = [...text.matchAll(LINE)].map(
    ([, level = '', name = '', file = '', line, message = '']): ReviewFinding => ({
      check: 'linter',
      name: decoded(name),
      level: LEVELS[level] ?? 'warning',
      path: '',
      file: file.replaceAll(sep, '/'),
      line: Number(line),
      what: decoded(message),
      fix: `See https://biomejs.dev/linter/ for ${decoded(name).split('/').at(-1) ?? 'the rule'}, and correct the line.`,
    }),
  )
  const isUnusable = code !== 0 && findings.length === 0
  const why = isUnusable || cut !== null ? `the linter did not run to its end: ${cut ?? text.trim().split('\n')[0]}` : null
  return { part: part(why), findings }
}

/** Texts of commands for GitHub encode some characters. */
function decoded(text: string): string {
  return text.replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%0A', ' ').replaceAll('%0D', '').replaceAll('%25', '%')
}
