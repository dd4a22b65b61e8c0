/** Reads mails as they are sent (RFC 5322, 2045 to 2047), as far as verify needs. */

/** A part of a message, with its header fields in lower case and its content decoded. */
export interface MimePart {
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly type: string
  readonly content: Buffer
  readonly parts: readonly MimePart[]
}

/** Reads a message. */
export function readMime(raw: string): MimePart {
  const end = raw.search(/\r?\n\r?\n/)
  const head = end < 0 ? raw : raw.slice(0, end)
  const body = end < 0 ? '' : raw.slice(end).replace(/^\r?\n\r?\n/, '')
  const headers = new Map<string, string[]>()
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()])
  }
  const type = headers.get('content-type')?.[0] ?? 'text/plain'
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1]
  const encoding = headers.get('content-transfer-encoding')?.[0]?.toLowerCase()
  const parts =
    boundary === undefined
      ? []
      : body
          .split(`--${boundary}`)
          .slice(1, -1)
          .map((part) => readMime(part.replace(/^\r?\n/, '')))
  return { headers, type: type.split(';')[0]?.trim() ?? '', content: decoded(body, encoding), parts }
}

function decoded(body: string, encoding: string | undefined): Buffer {
  if (encoding === 'base64') return Buffer.from(body, 'base64')
  if (encoding !== 'quoted-printable') return Buffer.from(body, 'utf8')
  const joined = body.replace(/=\r?\n/g, '')
  return Buffer.from(
    joined.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
}

/** The first part of a type, as text. */
export function partOf(mime: MimePart, type: string): string | undefined {
  if (mime.type === type && mime.parts.length === 0) return mime.content.toString('utf8')
  return mime.parts.map((part) => partOf(part, type)).find((found) => found !== undefined)
}

/** The value of a header field with encoded words decoded (RFC 2047). */
export function headerOf(mime: MimePart, name: string): string {
  const value = mime.headers.get(name)?.[0] ?? ''
  const joined = value.replace(/(\?=)\s+(=\?)/g, '$1$2')
  return joined.replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, text: string) =>
    kind.toLowerCase() === 'b'
      ? Buffer.from(text, 'base64').toString('utf8')
      : decoded(text.replaceAll('_', ' '), 'quoted-printable').toString('utf8'),
  )
}
