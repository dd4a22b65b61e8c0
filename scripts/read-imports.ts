/** What a TypeScript file imports, found by reading its text: enough for the import law, with no compiler behind it. */

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

/** Reads one file's text. Never throws: text that is not TypeScript yields whatever looks like an import in it. */
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

/** The line, from 1, that holds a position of the text. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length
}

const NOT_CODE = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/y
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y
/** A slash after one of these begins a regular expression; after anything else it divides. */
const BEFORE_REGEX = /(?:^|[=(,[{};:!&|?+\-*%<>~^]|\b(?:return|typeof|case|of|in|do|else|void|delete|throw|new|yield|await))\s*$/

/** Replaces what is not code by spaces, keeping quotes, line ends and every position. */
function blankOut(text: string): string {
  let out = ''
  let at = 0
  /** For each template literal that is open, how many braces its current `${}` has open; -1 while in its text. */
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
