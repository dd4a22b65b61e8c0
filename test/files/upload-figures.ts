/**
 * Sends one large file to a server in a process of its own, reads it again, and prints how much memory the server takes for both, on the
 * disk and on an S3 server in a third process: `npm run figures:upload`, or with `MEGABYTES=64 STORAGE=s3 FORM=multipart`. Fails when the
 * memory grows by more than `MOST_GROWN`.
 */

import { KINDS } from './storages.ts'
import { type Form, MOST_GROWN, type TransferFigures, uploadFigures } from './upload-memory.ts'

const { MEGABYTES = '2048', STORAGE, FORM } = process.env
const megabytes = Number(MEGABYTES)
const isGood = ({ status, grownMegabytes }: TransferFigures): boolean => status === 200 && grownMegabytes <= MOST_GROWN
for (const kind of KINDS.filter((one) => STORAGE === undefined || one === STORAGE)) {
  for (const form of (['body', 'multipart'] as const satisfies Form[]).filter((one) => FORM === undefined || one === FORM)) {
    const { upload, download } = await uploadFigures({ megabytes, kind, form })
    console.log(JSON.stringify({ storage: kind, form, megabytes, upload, download }))
    if (!isGood(upload) || !isGood(download)) process.exitCode = 1
  }
}
