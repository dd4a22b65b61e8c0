/** An S3 server in a process of its own: `node run.ts FOLDER`. Prints its address. */

import { startS3 } from './server.ts'

const { url } = await startS3(process.argv[2] ?? '')
process.stdout.write(`${url}\n`)
