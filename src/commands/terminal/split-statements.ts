/** Splits SQL that is typed or piped into statements. */

/** The complete statements of a text, without their semicolons, and what follows the last semicolon. */
export interface SplitSql {
  readonly statements: readonly string[]
  readonly rest: string
}

/**
 * The parts in which a semicolon ends no statement: quoted text and names, dollar-quoted text, comments. A part that is not closed extends
 * to the end.
 */
const ENCLOSED = /'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|\$(\w*)\$[\s\S]*?(?:\$\1\$|$)|--[^\n]*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$)/y

/** Splits at each semicolon outside of quotes and comments. Unclosed quotes and comments are part of the rest. */
export function splitStatements(text: string): SplitSql {
  const statements: string[] = []
  let began = 0
  for (let at = 0; at < text.length; ) {
    ENCLOSED.lastIndex = at
    const enclosed = ENCLOSED.exec(text)
    if (enclosed !== null) at += enclosed[0].length
    else if (text[at] === ';') {
      statements.push(text.slice(began, at).trim())
      at += 1
      began = at
    } else at += 1
  }
  return { statements: statements.filter((statement) => statement !== ''), rest: text.slice(began) }
}
