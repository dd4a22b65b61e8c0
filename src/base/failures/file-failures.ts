/** The failures of requests that send or read files. */

import type { FailureFacts, None } from './failure-facts.ts'

/** The failures, by code. */
export const FILE_FAILURES = {
  malformed_form: {
    status: 400,
    title: 'Malformed form',
    detail: (p: { what: string }) => `this is no form (multipart/form-data) with the file as its only part: ${p.what}`,
  },
  partial_upload: {
    status: 400,
    title: 'Part of a file',
    detail: (_: None) => 'a part of a file cannot be stored; send the whole file without Content-Range',
  },
  upload_too_slow: {
    status: 408,
    title: 'Upload too slow',
    detail: (_: None) => 'the file did not arrive in time; send it again over a faster connection, or send a smaller one',
  },
  encoded_upload: {
    status: 415,
    title: 'Encoded file',
    detail: (_: None) => 'a file is stored as it arrives; send it without Content-Encoding',
  },
  image_unusable: {
    status: 422,
    title: 'Image that cannot be used',
    detail: (_: None) => 'this file cannot be made smaller: it is damaged, too large or of another kind; read it without size',
  },
  uploads_at_once: {
    status: 429,
    title: 'Too many uploads at once',
    detail: (_: None) => 'too many of your files arrive at the same time; send the others when one of them is done',
  },
} as const satisfies Record<string, FailureFacts>
