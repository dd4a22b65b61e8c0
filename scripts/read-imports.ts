/** Finds the imports of a TypeScript file in its text, without a compiler. */

export interface Import {
  readonly specifier: string
  readonly line: number
  /** `re-export` names some of a file's exports again, `export-all` names none of them. */
  readonly kind: 'import' | 're-export' | 'export-all' | 'dynamic'
}

export interface SourceText {
  readonly imports: readonly Import[]
  /** The text with comments, strings, regular expressions and template text blanked out, so that a search in it finds code alone. */
  readonly code: string
  readonly lines: number
}

const FORMS: readonly { readonly kind: Import['kind']; readonly pattern: RegExp }[] = [
  { kind: 'import', pattern: /\bimport\b(?:\s+type\b)?[\w\s{},*$]*?\bfrom\s*(?=['"])/g },
  { kind: 'import', pattern: /\bimport\s*(?=['"])/g },
  { kind: 're-export', pattern: /\bexport\b(?:\s+type\b)?\s*\{[\w\s,$]*\}\s*from\s*(?=['"])/g },
  { kind: 'export-all', pattern: /\bexport\b(?:\s+type\b)?\s*\*[\w\s$]*?\bfrom\s*(?=['"])/g },
  { kind: 'dynamic', pattern: /\b(?:import|require|import\.meta\.resolve)\s*\(\s*(?=['"])/g },
]

/** Reads the text of one file. Never throws: for text that is not TypeScript, it returns everything that looks like an import. */
export function readImports(text: string): SourceText {
  const code = blankOut(text)
  const imports: Import[] = []
  for (const { kind, pattern } of FORMS) {
    for (const match of code.matchAll(pattern)) {
      const start = match.index + match[0].length
      const end = code.indexOf(code[start] ?? '', start + 1)
      imports.push({ kind, specifier: text.slice(start + 1, end), line: lineAt(text, match.index) })
    }
  }
  imports.sort((a, b) => a.line - b.line)
  return { imports, code, lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0) }
}

/** The line number of a position in the text, from 1. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length
}

const NOT_CODE = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/y
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y
/** A slash after one of these begins a regular expression; any other slash is a division. */
const BEFORE_REGEX = /(?:^|[=(,[{};:!&|?+\-*%<>~^]|\b(?:return|typeof|case|of|in|do|else|void|delete|throw|new|yield|await))\s*$/

/** Replaces everything that is not code by spaces. Quotes, line ends and positions stay. */
function blankOut(text: string): string {
  let out = ''
  let at = 0
  /** For each open template literal, the number of open braces in its current `${}`; -1 inside its text. */
  const templates: number[] = []
  while (at < text.length) {
    const depth = templates.at(-1)
    const char = text[at] ?? ''
    if (depth === -1) {
      const piece = /\\[\s\S]|`|\$\{|[^\\`$]+|\$/y
      piece.lastIndex = at
      const found = piece.exec(text)?.[0] ?? char
      if (found === '`') templates.pop()
      else if (found === '${') templates[templates.length - 1] = 0
      out += found === '`' || found === '${' ? found : blank(found)
      at += found.length
      continue
    }
    const skipped = match(NOT_CODE, text, at) ?? (char === '/' && BEFORE_REGEX.test(out.slice(-60)) ? match(REGEX, text, at) : undefined)
    if (skipped !== undefined) {
      const quoted = char === "'" || char === '"'
      out += quoted ? `${char}${blank(skipped.slice(1, -1))}${char}` : blank(skipped)
      at += skipped.length
      continue
    }
    if (char === '`') templates.push(-1)
    else if (depth !== undefined && char === '{') templates[templates.length - 1] = depth + 1
    else if (depth !== undefined && char === '}') templates[templates.length - 1] = depth - 1
    out += char
    at++
  }
  return out
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, ' ')
}
