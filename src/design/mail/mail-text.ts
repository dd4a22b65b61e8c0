/** Divides a text of a mail into what is written and the expressions between braces. */

/** A part of a text, or an expression and where it begins. */
export type TextPart = { readonly text: string } | { readonly expression: string; readonly offset: number }

/** The parts of a text, or what is wrong with its braces. */
export type SplitText =
  | { readonly ok: true; readonly parts: readonly TextPart[] }
  | { readonly ok: false; readonly problem: string; readonly hint: string }

/** `{name}` is an expression; `{{` and `}}` are braces. A brace between quotes in an expression is a part of it. */
export function splitText(source: string): SplitText {
  const parts: TextPart[] = []
  let text = ''
  for (let at = 0; at < source.length; ) {
    const character = source[at] ?? ''
    if ((character === '{' || character === '}') && source[at + 1] === character) {
      text += character
      at += 2
    } else if (character === '}') {
      return wrong(`the brace } at ${at + 1} has no { before it`, 'write }} for a brace in the text')
    } else if (character === '{') {
      const end = endOf(source, at + 1)
      if (end === null) return wrong(`the brace { at ${at + 1} has no } behind it`, 'write {{ for a brace in the text')
      const expression = source.slice(at + 1, end)
      if (expression.trim() === '') return wrong(`there is nothing between the braces at ${at + 1}`, 'write the name of a value')
      if (text !== '') parts.push({ text })
      text = ''
      parts.push({ expression, offset: at + 1 })
      at = end + 1
    } else {
      text += character
      at++
    }
  }
  if (text !== '') parts.push({ text })
  return { ok: true, parts }
}

function wrong(problem: string, hint: string): SplitText {
  return { ok: false, problem, hint }
}

/** Where the expression ends that begins at `start`; null if it does not end. */
function endOf(source: string, start: number): number | null {
  let quote: string | null = null
  let depth = 0
  for (let at = start; at < source.length; at++) {
    const character = source[at] ?? ''
    if (quote !== null) {
      if (character === '\\') at++
      else if (character === quote) quote = null
    } else if (character === '"' || character === "'") quote = character
    else if (character === '{') depth++
    else if (character === '}' && depth === 0) return at
    else if (character === '}') depth--
  }
  return null
}
