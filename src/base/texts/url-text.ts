/** Which URLs a page may lead to. Browsers run the URLs of some schemes (`javascript:`) when they are followed. */

/** The schemes that a page may lead to. */
const SCHEMES: ReadonlySet<string> = new Set(['http', 'https', 'mailto', 'tel'])

/** What browsers leave out of a URL: line breaks and tabs anywhere, other control characters and spaces at both ends (WHATWG URL). */
function asBrowsersRead(url: string): string {
  return url.replace(/[\t\n\r]/g, '').replace(/^[\0- ]+|[\0- ]+$/g, '')
}

/** Whether a URL is relative, or of a scheme that runs no code. */
export function isAllowedUrl(url: string): boolean {
  const [, scheme] = /^([^/?#:]*):/.exec(asBrowsersRead(url)) ?? []
  return scheme === undefined || SCHEMES.has(scheme.toLowerCase())
}

/** Whether a URL begins with a host of its own: `https://…`, `//…`, or with backslashes, which browsers read as slashes. */
export function namesHost(url: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:)?[/\\]{2}/i.test(asBrowsersRead(url))
}

/** Whether a text is the beginning of a URL that ends in its scheme or host, so that what follows is a part of them. */
export function endsInHost(beginning: string): boolean {
  return /^(?:https?:[/\\]*|[/\\]{2,})[^/\\?#]*$/i.test(asBrowsersRead(beginning))
}
