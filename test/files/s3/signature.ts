/** Checks signatures of requests (AWS Signature Version 4), as a server of S3 does. */

import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** The only key that the server knows. */
export const KEY = { id: 'PLINTHTESTKEY', secret: 'a secret of the tests, with / and +' } as const
export const REGION = 'test-region-1'

/** The code of the refusal of a request; null for one that is signed as it must be. `hash`: of its body, in hexadecimal. */
export function refusalOf({ method = '', url = '', headers }: IncomingMessage, hash: string): string | null {
  const given =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    )
  if (given === null) return 'AccessDenied'
  const [, id, day = '', region = '', signed = '', signature] = given
  if (id !== KEY.id) return 'InvalidAccessKeyId'
  if (region !== REGION) return 'AuthorizationHeaderMalformed'
  const date = String(headers['x-amz-date'])
  const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (!(Math.abs(Date.now() - at) < 900_000)) return 'RequestTimeTooSkewed'
  const names = signed.split(';')
  // Each of these decides what the request does.
  const needed = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))]
  if (!needed.every((name) => names.includes(name))) return 'AccessDenied'
  if (headers['x-amz-content-sha256'] !== hash) return 'XAmzContentSHA256Mismatch'
  const [path = '', query = ''] = url.split('?')
  const sorted = query
    .split('&')
    .filter(Boolean)
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
    .sort()
  const fields = names.map((name) => `${name}:${String(headers[name]).trim().replaceAll(/ +/g, ' ')}\n`).join('')
  const canonical = [method, path, sorted.join('&'), fields, signed, hash].join('\n')
  const text = ['AWS4-HMAC-SHA256', date, `${day}/${region}/s3/aws4_request`, sha256(canonical)].join('\n')
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>((before, part) => mac(before, part), `AWS4${KEY.secret}`)
  return mac(key, text).toString('hex') === signature ? null : 'SignatureDoesNotMatch'
}

function mac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

/** A hash in hexadecimal. */
export function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
