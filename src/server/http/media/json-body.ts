/** The media type of JSON bodies. */

/** JSON in UTF-8. Parameters other than `charset` have no meaning for JSON and are ignored. */
export const JSON_BODY = /^application\/json(?:\s*;(?:\s*charset\s*=\s*(?:utf-?8|"utf-?8")|(?!\s*charset\b)[^;]*))*\s*$/i
