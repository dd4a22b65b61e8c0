/** Functions in the files of the own logic that nothing uses. */

import { readFileSync } from 'node:fs'
import type { ReviewFinding } from '../../../verify/review/code-review.ts'
import type { CheckedFiles } from './check-types.ts'
import type { OwnLogic } from './own-logic.ts'
import { relativeTo } from './relative-to.ts'

const FUNCTION =
  /^(export\s+)?(?:async\s+)?function\*?\s+([A-Za-z_$][\w$]*)|^(export\s+)?const\s+([A-Za-z_$][\w$]*)\s*(?::[^=]+)?=\s*(?:async\s*)?(?:function\b|\([^)]*\)\s*(?::[^=]+)?=>|[A-Za-z_$][\w$]*\s*=>)/gm

/** The functions at the top of files whose names stand nowhere else: the design does not name them, and no code calls them. */
export function unusedLogic({ folder, named, files }: OwnLogic, design: string): CheckedFiles {
  const texts = new Map([...files, design].map((file) => [file, withoutComments(readFileSync(file, 'utf8'))]))
  const references = new Set(named.flatMap(({ reference }) => (reference === null ? [] : [reference.split('#')[1] ?? 'default'])))
  let looked = 0
  const findings = files.flatMap((file) => {
    const text = texts.get(file) ?? ''
    return [...text.matchAll(FUNCTION)].flatMap((match): readonly ReviewFinding[] => {
      const name = match[2] ?? match[4] ?? ''
      const isExported = (match[1] ?? match[3]) !== undefined
      looked++
      const uses = [...texts.values()].reduce((sum, one) => sum + countOf(one, name), 0)
      if (uses > 1 || references.has(name)) return []
      const line = text.slice(0, match.index).split('\n').length
      const what = isExported
        ? `no part of the design names the export ${name}, and no code imports it`
        : `nothing calls the function ${name}`
      const fix = isExported ? 'Name it in the design (`run: file#export`), or remove it.' : 'Call it, or remove it.'
      return [{ check: 'logic', name: 'unused-function', level: 'warning', path: '', file: relativeTo(folder, file), line, what, fix }]
    })
  })
  return {
    part: {
      check: 'logic',
      looked: `${looked} functions in ${files.length} files`,
      why: files.length === 0 ? 'the project has no code' : null,
    },
    findings,
  }
}

function countOf(text: string, name: string): number {
  return text.match(new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`, 'g'))?.length ?? 0
}

/** Comments as spaces, so that lines stay where they are. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/[^\n]*/g, (comment) => comment.replaceAll(/[^\n]/g, ' '))
}
