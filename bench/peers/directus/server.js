/** Starts Directus as its own command does, but does not ask the registry for a newer version. */

import { mkdir } from 'node:fs/promises'
import { settings } from './settings.js'

for (const folder of [settings.STORAGE_LOCAL_ROOT, settings.EXTENSIONS_PATH]) await mkdir(folder, { recursive: true })
Object.assign(process.env, settings)
await import('@directus/api/start')
