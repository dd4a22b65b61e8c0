/** What a page of an action may contain, as tables of elements and attributes. */

/** What an attribute holds: text, or a URL; null where no escaping makes a value right. */
export type AttributeUse = 'text' | 'url' | null

/**
 * Attributes whose value is only shown or compared, on every element. It is the list of safe attributes of the OWASP Cheat Sheet "Cross
 * Site Scripting Prevention", and those that forms and tables need.
 */
const TEXT_ATTRIBUTES: ReadonlySet<string> = new Set([
  'abbr',
  'alt',
  'class',
  'cols',
  'colspan',
  'content',
  'datetime',
  'dir',
  'for',
  'headers',
  'height',
  'high',
  'id',
  'label',
  'lang',
  'low',
  'max',
  'maxlength',
  'min',
  'minlength',
  'name',
  'optimum',
  'placeholder',
  'role',
  'rows',
  'rowspan',
  'scope',
  'size',
  'span',
  'start',
  'step',
  'summary',
  'tabindex',
  'title',
  'value',
  'width',
])

/** Attributes that hold a URL which a user follows, or which loads something that runs no code. */
const URL_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  area: ['href'],
  audio: ['src'],
  blockquote: ['cite'],
  button: ['formaction'],
  del: ['cite'],
  form: ['action'],
  img: ['src'],
  input: ['formaction', 'src'],
  ins: ['cite'],
  q: ['cite'],
  source: ['src'],
  track: ['src'],
  video: ['poster', 'src'],
}

/** What a value in an attribute would be. */
export function useOfAttribute(element: string, name: string): AttributeUse {
  if (URL_ATTRIBUTES[element]?.includes(name) === true) return 'url'
  return TEXT_ATTRIBUTES.has(name) || /^(?:data|aria)-[a-z0-9-]+$/.test(name) ? 'text' : null
}

/** Elements that run code, load other documents, change what addresses mean, or whose text is no text for a parser; by name, why. */
export const REFUSED_ELEMENTS: ReadonlyMap<string, string> = new Map([
  ['script', 'a page runs no scripts'],
  ['iframe', 'a page contains no other documents'],
  ['frame', 'a page contains no other documents'],
  ['frameset', 'a page contains no other documents'],
  ['object', 'a page contains no other documents'],
  ['embed', 'a page contains no other documents'],
  ['applet', 'a page contains no other documents'],
  ['base', 'it would change where all addresses lead'],
  ['template', 'without scripts it shows nothing'],
  ['noscript', 'a page runs no scripts, so its text can stand without it'],
  ['math', 'its text is read by other rules'],
  ['noembed', 'its text is read by other rules'],
  ['noframes', 'its text is read by other rules'],
  ['plaintext', 'its text is read by other rules'],
  ['xmp', 'its text is read by other rules'],
])

/** Elements whose text has character references and no tags. */
export const PLAIN_TEXT_ELEMENTS: ReadonlySet<string> = new Set(['textarea', 'title'])

/** Why an attribute is refused in a page, whatever its value; null if it is not. */
export function refusedAttribute(name: string): string | null {
  if (name.startsWith('on')) return 'a page runs no scripts'
  if (name === 'style') return 'the Content-Security-Policy of a page allows style elements alone; give the element a class'
  if (name === 'srcdoc') return 'a page contains no other documents'
  if (name === 'http-equiv') return 'the server sets the header fields of a page'
  return null
}
