/** Numbers as they are written: `1e0` is no other number than `1`, and another text. */

/** The part of ECMAScript 2026 that TypeScript's `es2023` does not declare. */
interface RawJson {
  rawJSON(text: string): unknown
  isRawJSON(value: unknown): value is { readonly rawJSON: string }
}

const json = JSON as unknown as RawJson

/** A value that `JSON.stringify` writes with exactly these digits. @throws SyntaxError for a text that is no number of JSON. */
export function rawNumber(text: string): unknown {
  return json.rawJSON(text)
}

/** The text of such a value; null for another one. */
export function rawText(value: unknown): string | null {
  return json.isRawJSON(value) ? value.rawJSON : null
}
