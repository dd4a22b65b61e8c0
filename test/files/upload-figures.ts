/**
 * Sends one large file to a server in a process of its own and prints how much memory the server takes for it: `npm run figures:upload`, or
 * with `MEGABYTES=64`. Fails when the memory grows by more than 60 MB.
 */

import { uploadFigures } from './upload-memory.ts'

const megabytes = Number(process.env.MEGABYTES ?? 2_048)
const { seconds, grownMegabytes, status } = await uploadFigures(megabytes)
console.log(JSON.stringify({ megabytes, status, seconds, grownMegabytes }))
process.exitCode = status === 200 && grownMegabytes <= 60 ? 0 : 1
