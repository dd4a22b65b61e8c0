/** Reads the files in an answer of a model: fenced blocks with a path behind the language. */

/** A file that a model proposes. */
export interface ProposedFile {
  /** As the model has written it. */
  readonly path: string
  readonly text: string
}

/** The files of an answer, or what is wrong with it as a sentence for the model. */
export type ReadAnswer = { readonly files: readonly ProposedFile[] } | { readonly wrong: string }

const OPEN = /^ {0,3}(`{3,}|~{3,})[ \t]*(\S*)[ \t]*(.*)$/

/** Blocks without a path are examples, and are left out. */
export function readAnswer(answer: string): ReadAnswer {
  const files: ProposedFile[] = []
  let open: { readonly fence: string; readonly path: string; readonly lines: string[] } | null = null
  for (const line of answer.split(/\r?\n/)) {
    if (open === null) {
      const [, fence, language, rest] = OPEN.exec(line) ?? []
      if (fence !== undefined) open = { fence, path: pathOf(language ?? '', rest ?? ''), lines: [] }
    } else if (closes(line, open.fence)) {
      if (open.path !== '') files.push({ path: open.path, text: `${open.lines.join('\n')}\n` })
      open = null
    } else open.lines.push(line)
  }
  if (open !== null) return { wrong: `the block of ${open.path || 'a file'} has no end; send fewer or shorter files` }
  if (files.length === 0) return { wrong: 'no file was found; send each file as a fenced block that begins with ```ts and its path' }
  const twice = files.find(({ path }, i) => files.findIndex((one) => one.path === path) !== i)
  return twice === undefined ? { files } : { wrong: `${twice.path} is there twice; send each file once` }
}

/** `ts logic/pay.ts`, `ts file=logic/pay.ts` and `ts title="logic/pay.ts"`. */
function pathOf(language: string, rest: string): string {
  const words = [...(/[./]/.test(language) ? [language] : []), ...rest.split(/\s+/)]
  const word = words.find((one) => one !== '') ?? ''
  return word.replace(/^(?:path|file|filename|title)=/, '').replace(/^(["'])(.*)\1$/, '$2')
}

function closes(line: string, fence: string): boolean {
  const marks = line.trim()
  return marks.length >= fence.length && marks === fence[0]?.repeat(marks.length)
}
