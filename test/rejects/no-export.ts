// @ts-nocheck
import { text } from 'plinth'
export const field = text()
